/** What an attacker, a crash or a bad disk can put into a log: never a throw, never a wrong address. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { UNPARSED_REASONS } from '../../src/index.ts'
import { BODY, bytesOf, linesOf, Reader } from './reading.ts'

const HEAD = 'Nov 23 15:22:05 host1 kernel: [  884.320171] '
const reader = new Reader()

function addressesOf(line: string | Uint8Array): string {
  const outcome = reader.outcome(line)
  return outcome === 'packet' ? reader.addresses : outcome
}

const RIGHT = '198.51.100.9 10.77.0.17'

describe('a prefix', () => {
  const prefixes = [
    'SRC=6.6.6.6 DST=7.7.7.7 ',
    'IN= SRC=6.6.6.6 ',
    'IN=eth9 SRC=6.6.6.6 OUT= ',
    'BEGIN=1 ',
    '[1.5] ',
    '[ 884] ',
    '[  884.320171 ',
    'PHYSIN=x ',
    '[SRC=6.6.6.6 ',
    '] [ ][',
    'a\\x0aNov 23 15:22:05 host1 kernel: ',
    'a#012Nov 23 15:22:05 host1 sshd[7]: ',
    'PROTO=UDP OPT (',
    'glued',
    '\u001b[31mred ',
    'ü€😀 ',
    'a  b   ',
    'DROP: ',
    'kernel: ',
    'x'.repeat(127),
  ]
  for (const prefix of prefixes) {
    test(`is kept as written, and no address is taken from it: ${JSON.stringify(prefix).slice(0, 50)}`, () => {
      const json = reader.read(`${HEAD}${prefix}${BODY}`)
      assert.equal(json.prefix, prefix)
      assert.equal(`${json.src} ${json.dst}`, RIGHT)
    })
  }

  test('that forges a whole head gives no packet', () => {
    assert.equal(addressesOf(`${HEAD}IN=eth9 OUT= ${BODY}`), 'duplicate-field')
    assert.equal(addressesOf(`${HEAD}IN=eth9 OUT= SRC=6.6.6.6 DST=7.7.7.7 ${BODY}`), 'duplicate-field')
    const whole = BODY.replace('198.51.100.9', '6.6.6.6')
    assert.equal(addressesOf(`${HEAD}${whole}${BODY}`), 'duplicate-field')
  })

  test('that is not UTF-8 is decoded with replacement', () => {
    assert.equal(reader.read(bytesOf(`${HEAD}\xff\xfe${BODY}`, 'latin1')).prefix, '\ufffd\ufffd')
  })

  test('of a kernel cannot be as long as a novel', () => {
    assert.equal(addressesOf(`${HEAD}${'x'.repeat(4000)}${BODY}`), 'not-firewall')
  })
})

describe('text of another program', () => {
  const lines = [
    `Nov 23 15:22:05 host1 sshd[812]: Invalid user ${BODY}`,
    `Nov 23 15:22:05 host1 sshd[812]: ${BODY}`,
    `Nov 23 15:22:05 host1 sshd: Invalid user ${BODY}`,
    `Nov 23 15:22:05 host1 sshd[812] ${BODY}`,
    `Nov 23 15:22:05 host1 daemon.info app: ${BODY}`.replace('app: IN', 'app: x IN'),
    `<13>Nov 23 15:22:05 host1 kernel: DROP ${BODY}`,
    `<38>1 2026-11-23T15:22:05Z host1 sshd 812 - - DROP ${BODY}`,
    `<13>1 2026-11-23T15:22:05Z host1 kernel - - - DROP ${BODY}`,
    `2026-11-23T15:22:05Z host1 sshd[812]: DROP ${BODY}`,
    `12,1234,884320171,-;DROP ${BODY}`,
    `<12>[  884.320171] DROP ${BODY}`,
    `2026/11/23 15:22:05 host1 sshd[812]: Invalid user ${BODY}`,
    ` DEVICE=+IN=eth0`,
    'Nov 23 15:22:05 host1 kernel: [  884.320171] device eth0 entered promiscuous mode',
    'Nov 23 15:22:05 host1 kernel: IN=eth0 and nothing else',
    '',
    ' ',
    '{}',
    '{',
    '-- Boot 0123456789 --',
  ]
  for (const line of lines) {
    test(`is no firewall line: ${line.slice(0, 60)}`, () =>
      assert.equal(reader.outcome(line), 'not-firewall'))
  }
})

test('a process that writes into /dev/kmsg makes no packet of the journal: only the kernel has facility 0', () => {
  const outcome = (fields: object): string =>
    reader.outcome(JSON.stringify({ MESSAGE: `DROP ${BODY}`, _TRANSPORT: 'kernel', ...fields }))
  const isPacket = outcome({})
  assert.equal(outcome({ SYSLOG_FACILITY: '0' }), isPacket)
  assert.notEqual(isPacket, 'not-firewall')
  for (const facility of ['1', '3', '00', '', 'kern', '-1'])
    assert.equal(outcome({ SYSLOG_FACILITY: facility }), 'not-firewall', facility)
})

describe('a field', () => {
  const withField = (field: string, value: string) =>
    HEAD + BODY.replace(new RegExp(` ${field}=\\S*`), ` ${field}=${value}`)

  test('that stands twice makes no packet', () => {
    for (const field of [
      'IN=eth1',
      'OUT=eth1',
      'SRC=6.6.6.6',
      'DST=6.6.6.6',
      'PROTO=UDP',
      'SPT=1',
      'DPT=1',
      'WINDOW=1',
      'URGP=0',
    ]) {
      assert.equal(addressesOf(`${HEAD}${BODY}${field} `), 'duplicate-field', field)
    }
    for (const field of ['SRC=6.6.6.6', 'DST=6.6.6.6', 'LEN=44', 'TTL=1', 'ID=1', 'TOS=0x00', 'IN=x']) {
      assert.equal(
        addressesOf(`${HEAD}${BODY.replace(' PROTO=', ` ${field} PROTO=`)}`),
        'duplicate-field',
        field,
      )
    }
  })

  test('out of its range makes no packet', () => {
    for (const [field, value] of [
      ['SPT', '65536'],
      ['DPT', '99999999999999999999'],
      ['TTL', '256'],
      ['ID', '65536'],
      ['LEN', '70000'],
      ['WINDOW', '65536'],
      ['TOS', '0x100'],
      ['DPT', '-1'],
      ['DPT', '0x50'],
      ['DPT', '2 5'.replace(' ', '\t')],
      ['TTL', ''],
      ['DPT', '80;'],
    ] as const) {
      assert.equal(addressesOf(withField(field, value)), 'bad-number', `${field}=${value}`)
    }
    assert.equal(addressesOf(`${HEAD}${BODY.replace('WINDOW', 'SEQ=4294967296 ACK=0 WINDOW')}`), 'bad-number')
    assert.equal(addressesOf(withField('PROTO', '256')), 'bad-protocol')
    assert.equal(addressesOf(withField('PROTO', 'TPC')), 'bad-protocol')
  })

  test('that is no address makes no packet', () => {
    for (const address of [
      '',
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.256',
      '01.2.3.4',
      '1.2.3.4,',
      '1.2.3.',
      '.1.2.3.4',
      '1..2.3',
      '1.2.3.4/32',
      ':',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7::8:',
      'g::',
      '12345::',
      '::1.2.3',
      '::1.2.3.256',
      '1:2:3:4:5:6:7:1.2.3.4',
      '-1.2.3.4',
    ]) {
      assert.equal(addressesOf(withField('SRC', address)), 'bad-address', address)
    }
    assert.equal(addressesOf(withField('SRC', 'fd77::1')), 'bad-address', 'of the other family')
    assert.equal(addressesOf(HEAD + BODY.replace('DST=', 'D5T=')), 'bad-address')
  })

  test('counts only at the start of its word', () => {
    assert.equal(addressesOf(HEAD + BODY.replace(' SRC=', ' XSRC=6.6.6.6 IPSRC=6.6.6.6 SRC=')), RIGHT)
    assert.equal(addressesOf(HEAD + BODY.replace(' DST=', ' MACDST=6.6.6.6 DST=')), RIGHT)
  })
})

describe('a bracket', () => {
  const icmp = `${BODY.replace(/PROTO=.*/, 'PROTO=ICMP TYPE=3 CODE=1 ')}[SRC=10.77.0.17 DST=192.0.2.9 LEN=28 PROTO=2 ] `

  test('that is nested or left open never gives its addresses away', () => {
    assert.equal(addressesOf(HEAD + icmp), RIGHT)
    assert.equal(addressesOf(HEAD + icmp.replace('PROTO=2', '[SRC=6.6.6.6 [] ] PROTO=2')), RIGHT)
    assert.equal(addressesOf(HEAD + icmp.replace(' ] ', ' ')), 'cut')
    assert.equal(addressesOf(HEAD + icmp.replace('PROTO=2 ]', '] PROTO=2 ]')), 'duplicate-field')
    assert.equal(addressesOf(HEAD + icmp.replace(' [', ' ')), 'duplicate-field')
    assert.equal(addressesOf(`${HEAD}${icmp}]]] [[[[ `), 'cut')
  })
})

describe('a cut line', () => {
  test('is a packet only where nothing that tells who and what is missing', () => {
    for (const line of linesOf('real.log').filter((each) => !each.startsWith('{'))) {
      assert.equal(reader.outcome(bytesOf(line, 'latin1')), 'packet')
      const whole = { ...reader.packet, addresses: reader.addresses }
      for (let length = line.length - 1; length >= 0; length--) {
        const cut = line.slice(0, length)
        if (reader.outcome(bytesOf(cut, 'latin1')) !== 'packet') continue
        assert.equal(reader.addresses, whole.addresses, cut)
        assert.deepEqual([reader.packet.spt, reader.packet.dpt], [whole.spt, whole.dpt], cut)
        assert.equal(reader.packet.flags, whole.flags, cut)
        assert.equal(reader.packet.icmpType, whole.icmpType, cut)
      }
    }
  })

  test('says that it was cut, and not that a field is bad', () => {
    const body = HEAD + BODY
    for (let length = HEAD.length + 14; length < body.length - 2; length++) {
      const outcome = reader.outcome(body.slice(0, length))
      assert.equal(outcome, 'cut', body.slice(0, length))
    }
  })
})

describe('bytes that are no text', () => {
  test('do not matter around a line', () => {
    assert.equal(addressesOf(`${HEAD}${BODY}\r`), RIGHT)
    assert.equal(addressesOf(`${HEAD}${BODY.trimEnd()}\r`), RIGHT)
    assert.equal(addressesOf(`\0\0\0\0${HEAD}${BODY}\0`), RIGHT)
    assert.equal(reader.read(`\ufeff${HEAD}${BODY}`).reporter, 'host1')
  })

  test('in a line never shift an address', () => {
    for (const byte of ['\0', '\n', '\r', '\t', '\x1b', '\xff']) {
      for (let at = 0; at <= HEAD.length + BODY.length; at++) {
        const line = HEAD + BODY
        const found = addressesOf(bytesOf(line.slice(0, at) + byte + line.slice(at), 'latin1'))
        assert.ok(found === RIGHT || UNPARSED_REASONS.some((reason) => reason === found), `${found} at ${at}`)
      }
    }
  })
})
