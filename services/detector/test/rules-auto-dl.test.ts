import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printPrefix } from '@picket/schemas'
import { parseAutoDl } from '../src/detect/rules/auto-dl.ts'
import { printCriterion } from '../src/detect/rules/criterion.ts'

const FILE = `#
# comment; with 10.0.0.1 5;

10.111.21.23     5                tcp/22;   # trailing words
127.0.0.1        0;
\t192.168.10.4/24  0  udp/53 , tcp/1-1024 ;
192.168.0.0/255.255.0.0 2
2001:DB8::/32 3 58;
fe80::1 1
scanner.example.org 4 tcp;
`

test("psad's own file is read as it is", () => {
  const { entries, hostNames, faults } = parseAutoDl(FILE, 'auto_dl')
  assert.deepEqual(faults, [])
  assert.deepEqual(
    entries.map((each) => [
      printPrefix(each.network),
      each.level,
      each.criteria.map(printCriterion).join(' '),
      each.origin,
    ]),
    [
      ['10.111.21.23', 5, 'tcp/22', 'auto_dl:4'],
      ['127.0.0.1', 0, '', 'auto_dl:5'],
      ['192.168.10.0/24', 0, 'udp/53 tcp/1-1024', 'auto_dl:6'],
      ['192.168.0.0/16', 2, '', 'auto_dl:7'],
      ['2001:db8::/32', 3, 'icmpv6', 'auto_dl:8'],
      ['fe80::1', 1, '', 'auto_dl:9'],
    ],
  )
  assert.deepEqual(
    hostNames.map(({ host, level, line }) => [host, level, line]),
    [['scanner.example.org', 4, 10]],
  )
})

test('every bad line is told with its number, and the good ones count', () => {
  const lines = [
    '10.0.0.1',
    '10.0.0.1 6;',
    '10.0.0.1 5;',
    '10.0.0.300 5;',
    '10.0.0.0/33 5;',
    '10.0.0.1 5 tpc/22;',
    '10.0.0.1 5 tcp/22-;',
    '10.0.0.1 5 tcp/70000',
    '10.0.0.1 5 tcp/9-1',
    '10.0.0.0/255.0.255.0 5',
    'a..b 5',
  ]
  const { entries, faults } = parseAutoDl(lines.join('\r\n'), 'auto_dl')
  assert.deepEqual(
    entries.map((each) => each.origin),
    ['auto_dl:3'],
  )
  assert.deepEqual(
    faults.map((fault) => fault.line),
    [1, 2, 4, 5, 6, 7, 8, 9, 10, 11],
  )
})
