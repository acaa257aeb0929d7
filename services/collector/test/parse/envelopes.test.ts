/** Each envelope is told by itself, line by line, and leaves the kernel's text as it was written. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BODY, Reader } from './reading.ts'

const BOOT = Date.UTC(2026, 10, 23, 15, 7, 21)
const reader = new Reader({ bootTime: BOOT })

/** Time, reporter and prefix of a line; the body must have come through. */
function head(line: string | Uint8Array): readonly [string | null, string, string] {
  const json = reader.read(line)
  assert.deepEqual([json.src, json.dst, json.dpt, json.flags], ['198.51.100.9', '10.77.0.17', 25, ['SYN']])
  return [json.time, json.reporter, json.prefix]
}

const SECOND = '2026-11-23T15:22:05.000Z'

describe('an envelope', () => {
  const forms: readonly (readonly [string, string, readonly [string | null, string, string]])[] = [
    ['BSD syslog', `Nov 23 15:22:05 host1 kernel: [  884.320171] DROP ${BODY}`, [SECOND, 'host1', 'DROP ']],
    [
      'BSD syslog without the kernel stamp',
      `Nov 23 15:22:05 host1 kernel: DROP ${BODY}`,
      [SECOND, 'host1', 'DROP '],
    ],
    [
      'BSD syslog with a priority',
      `<4>Nov 23 15:22:05 host1 kernel: DROP ${BODY}`,
      [SECOND, 'host1', 'DROP '],
    ],
    [
      'BSD syslog, day padded with a blank',
      `Nov  3 15:22:05 host1 kernel: DROP ${BODY}`,
      ['2026-11-03T15:22:05.000Z', 'host1', 'DROP '],
    ],
    [
      'BSD syslog, day padded with a zero',
      `Nov 03 15:22:05 host1 kernel: DROP ${BODY}`,
      ['2026-11-03T15:22:05.000Z', 'host1', 'DROP '],
    ],
    [
      'BSD syslog with a fraction',
      `Nov 23 15:22:05.123456 host1 kernel: DROP ${BODY}`,
      ['2026-11-23T15:22:05.123Z', 'host1', 'DROP '],
    ],
    ['BSD syslog without a host', `Nov 23 15:22:05 kernel: DROP ${BODY}`, [SECOND, '', 'DROP ']],
    [
      'busybox syslog',
      `Nov 23 15:22:05 host1 kern.warn kernel: [  884.320171] DROP ${BODY}`,
      [SECOND, 'host1', 'DROP '],
    ],
    [
      'logread',
      `Mon Nov 23 15:22:05 2026 kern.warn kernel: [  884.320171] DROP ${BODY}`,
      [SECOND, '', 'DROP '],
    ],
    [
      'RFC 3339 syslog',
      `2026-11-23T15:22:05.123456+00:00 host1 kernel: [  884.320171] DROP ${BODY}`,
      ['2026-11-23T15:22:05.123Z', 'host1', 'DROP '],
    ],
    [
      'RFC 3339 syslog east of UTC',
      `2026-11-23T16:22:05+01:00 host1 kernel: DROP ${BODY}`,
      [SECOND, 'host1', 'DROP '],
    ],
    [
      'RFC 3339 syslog west of UTC',
      `2026-11-23T10:52:05-0430 host1 kernel: DROP ${BODY}`,
      [SECOND, 'host1', 'DROP '],
    ],
    ['RFC 3339 syslog in Z', `2026-11-23T15:22:05Z host1 kernel: DROP ${BODY}`, [SECOND, 'host1', 'DROP ']],
    [
      'RFC 3339 syslog with a blank',
      `2026-11-23 15:22:05+00:00 host1 kernel: DROP ${BODY}`,
      [SECOND, 'host1', 'DROP '],
    ],
    [
      'RFC 5424',
      `<4>1 2026-11-23T15:22:05.5Z host1 kernel - - - [  884.320171] DROP ${BODY}`,
      ['2026-11-23T15:22:05.500Z', 'host1', 'DROP '],
    ],
    [
      'RFC 5424 with data and a byte order mark',
      `<4>1 2026-11-23T15:22:05Z host1 kernel - - [a b="c\\"] IN=x OUT=y"][d e="]"] \ufeffDROP ${BODY}`,
      [SECOND, 'host1', 'DROP '],
    ],
    ['RFC 5424 with nothing known', `<4>1 - - kernel - - - DROP ${BODY}`, [null, '', 'DROP ']],
    ['dmesg', `[  884.320171] DROP ${BODY}`, ['2026-11-23T15:22:05.320Z', '', 'DROP ']],
    [
      'dmesg with the caller',
      `[  884.320171][ T1234] DROP ${BODY}`,
      ['2026-11-23T15:22:05.320Z', '', 'DROP '],
    ],
    ['dmesg -d', `[  884.320171 <    0.000023>] DROP ${BODY}`, ['2026-11-23T15:22:05.320Z', '', 'DROP ']],
    ['dmesg -T', `[Mon Nov 23 15:22:05 2026] DROP ${BODY}`, [SECOND, '', 'DROP ']],
    [
      'dmesg --time-format iso',
      `2026-11-23T15:22:05,123456+00:00 DROP ${BODY}`,
      ['2026-11-23T15:22:05.123Z', '', 'DROP '],
    ],
    ['dmesg -x', `kern  :warn  : [  884.320171] DROP ${BODY}`, ['2026-11-23T15:22:05.320Z', '', 'DROP ']],
    ['dmesg -r', `<4>[  884.320171] DROP ${BODY}`, ['2026-11-23T15:22:05.320Z', '', 'DROP ']],
    [
      'dmesg in colour',
      `\u001b[32m[  884.320171] \u001b[0mDROP ${BODY}\u001b[0m`,
      ['2026-11-23T15:22:05.320Z', '', 'DROP '],
    ],
    ['/dev/kmsg', `4,1234,884320171,-;DROP ${BODY}`, ['2026-11-23T15:22:05.320Z', '', 'DROP ']],
    [
      '/dev/kmsg with the caller',
      `4,1234,884320171,-,caller=T1;DROP ${BODY}`,
      ['2026-11-23T15:22:05.320Z', '', 'DROP '],
    ],
    [
      'journalctl -o short-iso',
      `2026-11-23T15:22:05+0000 host1 kernel: DROP ${BODY}`,
      [SECOND, 'host1', 'DROP '],
    ],
    [
      'journalctl -o short-full',
      `Mon 2026-11-23 15:22:05 UTC host1 kernel: DROP ${BODY}`,
      [SECOND, 'host1', 'DROP '],
    ],
    [
      'journalctl -o short-unix',
      `1795447325.123456 host1 kernel: DROP ${BODY}`,
      ['2026-11-23T15:22:05.123Z', 'host1', 'DROP '],
    ],
    [
      'journalctl -o short-monotonic',
      `[  884.320171] host1 kernel: DROP ${BODY}`,
      ['2026-11-23T15:22:05.320Z', 'host1', 'DROP '],
    ],
    [
      'LOGEMU',
      `Nov 23 15:22:05 vm DROP ${BODY.replace('TOS=0x00', 'TOS=00').replace('RES=0x00 ', '')}MARK=0x0 `,
      [SECOND, 'vm', 'DROP '],
    ],
    [
      'LOGEMU, whose prefix ends in a colon',
      `Nov 23 15:22:05 vm FINAL_REJECT: ${BODY}`,
      [SECOND, 'vm', 'FINAL_REJECT: '],
    ],
    ['ulogd through syslog', `Nov 23 15:22:05 vm ulogd[812]: DROP ${BODY}`, [SECOND, 'vm', 'DROP ']],
    ['no envelope', `DROP ${BODY}`, [null, '', 'DROP ']],
    ['no envelope, a prefix in brackets', `[UFW BLOCK] ${BODY}`, [null, '', '[UFW BLOCK] ']],
    ['no envelope, no prefix', BODY, [null, '', '']],
    ['an unknown one', `2026/11/23-15.22 gw1 kernel: [  884.320171] DROP ${BODY}`, [null, '', 'DROP ']],
  ]
  for (const [name, line, expected] of forms) {
    test(`of the form ${name} is read`, () => assert.deepEqual(head(line), expected))
  }

  test('may change from line to line', () => {
    const mixed = new Reader({ bootTime: BOOT })
    for (const [name, line, expected] of [...forms, ...forms.toReversed()]) {
      const json = mixed.read(line)
      assert.deepEqual([json.time, json.reporter, json.prefix], expected, name)
    }
  })

  test('that counts from boot has no time where the boot is not known', () => {
    assert.equal(new Reader().read(`[  884.320171] DROP ${BODY}`).time, null)
    assert.equal(new Reader().read(`4,1,884320171,-;DROP ${BODY}`).time, null)
  })
})

describe('a journal record', () => {
  const record = (fields: object) => JSON.stringify({ _TRANSPORT: 'kernel', _HOSTNAME: 'host1', ...fields })

  test('has its text in MESSAGE, escapes undone', () => {
    const line = record({ MESSAGE: `"tab\t" é ${BODY}`, __REALTIME_TIMESTAMP: '1795447325123456' })
    assert.deepEqual(head(line), ['2026-11-23T15:22:05.123Z', 'host1', '"tab\t" é '])
    assert.deepEqual(head(line.replace('é', '\\u00e9\\ud83d\\ude00\\ud83d')), [
      '2026-11-23T15:22:05.123Z',
      'host1',
      '"tab\t" é😀\ufffd ',
    ])
  })

  test('may have MESSAGE as an array of bytes', () => {
    const bytes = [...Buffer.from(`\u00ff ${BODY}`, 'latin1')]
    assert.deepEqual(head(record({ MESSAGE: bytes })), [null, 'host1', '\ufffd '])
  })

  test('prefers the time at the source', () => {
    const times = { __REALTIME_TIMESTAMP: '1795447399000000', _SOURCE_REALTIME_TIMESTAMP: '1795447325000000' }
    assert.equal(head(record({ MESSAGE: BODY, ...times }))[0], SECOND)
  })

  test('that the kernel did not write is refused', () => {
    for (const fields of [
      { _TRANSPORT: 'syslog' },
      { _TRANSPORT: undefined, SYSLOG_IDENTIFIER: 'sshd' },
      { MESSAGE: null },
    ]) {
      assert.equal(reader.outcome(record({ MESSAGE: BODY, ...fields })), 'not-firewall')
    }
  })

  test('that is cut or twice the same is a fault, not a packet', () => {
    assert.equal(reader.outcome(record({ MESSAGE: BODY }).slice(0, -1)), 'bad-json')
    assert.equal(reader.outcome(`{"MESSAGE":"${BODY}","MESSAGE":"${BODY}"}`), 'duplicate-field')
    assert.equal(reader.outcome('{"PRIORITY":"6"}'), 'not-firewall')
  })
})

describe('a ulogd record', () => {
  const packet = {
    timestamp: '2026-11-23T15:22:05.250000',
    dvc: 'gw1',
    'oob.prefix': 'DROP IN=eth9 OUT= ',
    'oob.hook': 1,
    'oob.in': 'eth0',
    'oob.out': '',
    'ip.protocol': 6,
    'ip.ttl': 48,
    'ip.id': 41470,
    src_ip: '198.51.100.9',
    dest_ip: '10.77.0.17',
    src_port: 58665,
    dest_port: 25,
    'tcp.window': 1024,
    'tcp.syn': 1,
    'tcp.ack': 0,
  }

  test('gives the prefix as it is, and a time without a zone in the stated one', () => {
    assert.deepEqual(head(JSON.stringify(packet)), ['2026-11-23T15:22:05.250Z', 'gw1', 'DROP IN=eth9 OUT= '])
    const berlin = new Reader({ zone: () => 3_600_000 })
    assert.equal(berlin.read(JSON.stringify(packet)).time, '2026-11-23T14:22:05.250Z')
  })

  test('says by its hook which interface there is', () => {
    const out = reader.read(
      JSON.stringify({ ...packet, 'oob.hook': 3, 'oob.out': undefined, 'oob.ifindex_out': 7 }),
    )
    assert.deepEqual([out.in, out.out], ['', 'if7'])
  })

  test('decodes the fragment field and the marks', () => {
    const json = reader.read(
      JSON.stringify({ ...packet, 'ip.fragoff': 0xe001, 'oob.mark': 42, 'oob.uid': 1000 }),
    )
    assert.deepEqual(
      [json.ce, json.df, json.mf, json.fragmentOffset, json.mark, json.uid],
      [true, true, true, 1, 42, 1000],
    )
  })

  test('whose value would bring in keys of its own is refused', () => {
    assert.equal(reader.outcome(JSON.stringify({ ...packet, 'oob.in': 'eth0 SRC=6.6.6.6' })), 'bad-json')
    assert.equal(reader.outcome(`{"src_ip":"6.6.6.6",${JSON.stringify(packet).slice(1)}`), 'duplicate-field')
    assert.equal(reader.outcome(JSON.stringify({ ...packet, src_ip: '6.6.6.6.6' })), 'bad-address')
    assert.equal(reader.outcome(JSON.stringify({ ...packet, dest_port: 65536 })), 'bad-number')
  })

  test('of ARP is no IP packet', () => {
    assert.equal(reader.outcome('{"oob.family":7,"oob.protocol":2054,"arp.oper":1}'), 'not-ip')
  })
})

describe('a repeated line', () => {
  test('of rsyslog counts as often as it says', () => {
    const line = `Nov 23 15:22:05 host1 kernel: message repeated 3 times: [ [  884.320171] DROP ${BODY}]`
    const json = reader.read(line)
    assert.deepEqual([json.count, json.prefix, json.dpt, json.urgp], [3, 'DROP ', 25, 0])
  })

  test('of the classic daemon is the packet before, once more', () => {
    const one = new Reader()
    one.read(`Nov 23 15:22:05 host1 kernel: DROP ${BODY}`)
    const json = one.read('Nov 23 15:22:35 host1 last message repeated 2 times')
    assert.deepEqual(
      [json.time, json.count, json.src, json.dpt],
      ['2026-11-23T15:22:35.000Z', 2, '198.51.100.9', 25],
    )
  })

  test('of another program repeats nothing of ours', () => {
    const one = new Reader()
    one.read(`Nov 23 15:22:05 host1 kernel: DROP ${BODY}`)
    assert.equal(one.outcome('Nov 23 15:22:06 host1 cron[7]: hello'), 'not-firewall')
    assert.equal(one.outcome('Nov 23 15:22:35 host1 last message repeated 2 times'), 'not-firewall')
  })

  test('without a sound number is a fault', () => {
    assert.equal(reader.outcome('Nov 23 15:22:35 host1 last message repeated 0 times'), 'bad-number')
    assert.equal(
      reader.outcome(`Nov 23 15:22:35 h kernel: message repeated 99999999999 times: [ DROP ${BODY}]`),
      'bad-number',
    )
  })
})
