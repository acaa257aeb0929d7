/** The cases of psad's own test suite (psad.md h), as far as levels without signatures go, on packets made here. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Incident, Packet } from '@picket/schemas'
import { INVALID_ICMP_LEVEL } from '../src/detect/psad/evidence.ts'
import type { PsadPolicy } from '../src/detect/psad/policy.ts'
import { detect, run } from './psad-run.ts'
import { packetOf, type Wanted } from './rules-packets.ts'

const START = Date.UTC(2026, 2, 1, 12)

/** Every port twice, as nmap asks, 1 ms apart. */
function portScan(first: number, last: number, wanted: Wanted = {}): Packet[] {
  const ports = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  return [...ports, ...ports].map((dpt, i) => packetOf({ time: START + i, dpt, ...wanted }))
}

function repeat(count: number, wanted: (i: number) => Wanted): Packet[] {
  return Array.from({ length: count }, (_, i) => packetOf({ time: START + i * 100, ...wanted(i) }))
}

function only(packets: readonly Packet[], changes: Partial<PsadPolicy> = {}, autoDl = ''): Incident {
  const incidents = run(packets, changes, autoDl)
  assert.equal(incidents.length, 1)
  return incidents[0] as Incident
}

const SYN_SCAN = portScan(1000, 1500)
const SMALL_SCAN = portScan(1000, 1150)

test('a SYN scan of 501 ports, each twice, is level 3 with 1002 packets', () => {
  const incident = only(SYN_SCAN)
  assert.equal(incident.level, 3)
  assert.equal(incident.packets, 1002)
  assert.deepEqual(incident.ports, { tcp: '1000-1500' })
  assert.equal(incident.portCount, 501)
  assert.equal(incident.contacts, 501)
  assert.deepEqual(incident.kinds, ['vertical_scan'])
  assert.deepEqual(incident.techniques, ['syn'])
  assert.match(
    incident.reasons.join('\n'),
    /1002 packets to 10\.0\.0\.5, ports 1000-1500.*DANGER_LEVEL3 = 150/,
  )
  assert.match(incident.reasons.join('\n'), /nmap -sT or -sS/)
})

test('the same scan from loopback and from 0.0.0.0 is found as well', () => {
  for (const src of ['127.0.0.1', '0.0.0.0']) {
    const incident = only(portScan(1000, 1500, { src }))
    assert.deepEqual([incident.level, incident.source], [3, src])
  }
})

test('the same scan of four hosts is level 3 and names the four', () => {
  const hosts = ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5']
  const incident = only(hosts.flatMap((dst) => portScan(1000, 1500, { dst })))
  assert.equal(incident.level, 3)
  assert.equal(incident.packets, 4008)
  assert.deepEqual(incident.hosts, hosts)
  assert.equal(incident.contacts, 4 * 501)
})

test('one port on eleven hosts within an interval is level 1 and called a port sweep', () => {
  const packets = repeat(12, (i) => ({ dst: `10.0.0.${(i % 11) + 1}`, dpt: 1083 }))
  const incident = only(packets)
  assert.equal(incident.level, 1)
  assert.equal(incident.hostCount, 11)
  assert.equal(incident.packets, 12)
  assert.deepEqual(incident.kinds, ['horizontal_sweep'])
  assert.match(incident.reasons.join('\n'), /port sweep for tcp port 1083 of 11 hosts/)
})

test('a sweep needs its hosts within one interval; DL1_UNIQUE_HOSTS of 0 is off', () => {
  const sweep = (gap: number, count: number) =>
    Array.from({ length: count }, (_, i) => packetOf({ time: START + i * gap, dst: `10.0.0.${i + 1}` }))
  assert.deepEqual(run(sweep(1300, 25)), [])
  assert.equal(only(sweep(10, 25)).level, 2)
  assert.equal(only(sweep(1, 120)).level, 4)
  assert.deepEqual(run(sweep(10, 25), { DL1_UNIQUE_HOSTS: 0 }), [])
  assert.equal(only(sweep(1300, 25), { CHECK_INTERVAL: 60 }).level, 2)
})

test('FIN, NULL and XMAS scans are named by their flags', () => {
  const flags = { fin: 1, null: 0, xmas: 0x29 }
  const options = { fin: '-sF', null: '-sN', xmas: '-sX' }
  for (const name of ['fin', 'null', 'xmas'] as const) {
    const incident = only(portScan(1000, 1150, { flags: flags[name] }))
    assert.equal(incident.level, 3)
    assert.equal(incident.packets, 302)
    assert.deepEqual(incident.ports, { tcp: '1000-1150' })
    assert.deepEqual(incident.techniques, [name])
    assert.ok(incident.reasons.join('\n').includes(`nmap ${options[name]}`))
  }
})

test('an ACK scan is left out unless IGNORE_CONNTRACK_BUG_PKTS is off', () => {
  const packets = portScan(1000, 1150, { flags: 16 })
  assert.equal(detect(packets).tracked, 0)
  const incident = only(packets, { IGNORE_CONNTRACK_BUG_PKTS: false })
  assert.deepEqual([incident.level, incident.packets, incident.ports], [3, 302, { tcp: '1000-1150' }])
})

test('a SYN with ECN bits is a SYN', () => {
  assert.deepEqual(only(portScan(1000, 1150, { flags: 0xc2 })).techniques, ['syn'])
})

test('a UDP scan is level 3', () => {
  const incident = only(portScan(1000, 1150, { proto: 17, flags: -1 }))
  assert.deepEqual([incident.level, incident.packets, incident.ports], [3, 302, { udp: '1000-1150' }])
  assert.deepEqual(incident.techniques, ['udp'])
})

test('a protocol scan counts every protocol once, AH, ESP and cut UDPLITE among them', () => {
  const packets = [0, 1].flatMap(() =>
    repeat(255, (proto) => {
      if (proto === 17) return { proto, dpt: 39_480, flags: -1 }
      return { proto, dpt: -1, spt: -1, flags: -1, incomplete: proto === 136 }
    }),
  )
  const incident = only(packets)
  assert.equal(incident.level, 3)
  assert.equal(incident.protocols.length, 255)
  assert.deepEqual(incident.ports, { udp: '39480' })
  assert.ok(incident.kinds.includes('protocol_scan'))
  assert.ok(incident.techniques.includes('protocol'))
})

test('four protocols are no protocol scan, and four IGMP queries are nothing', () => {
  const other = { dpt: -1, flags: -1 }
  assert.deepEqual(run(repeat(4, () => ({ proto: 2, ...other }))), [])
  assert.deepEqual(run(repeat(4, (i) => ({ proto: 50 + i, ...other }))), [])
})

test('ten SYNs to telnet and one to 2323 are level 1', () => {
  const incident = only(repeat(11, (i) => ({ dpt: i < 10 ? 23 : 2323 })))
  assert.deepEqual([incident.level, incident.ports], [1, { tcp: '23,2323' }])
})

test('one port, however often, is no scan', () => {
  assert.deepEqual(run(repeat(2000, () => ({}))), [])
  assert.deepEqual(
    run([
      packetOf({ time: START, proto: 1, dpt: -1, flags: -1, icmpType: 8, icmpCode: 0 }),
      ...repeat(2000, () => ({})),
    ]),
    [],
  )
})

test('levels begin at 5, 15, 150, 1500 and 10000 packets', () => {
  const levelAfter = (count: number) => run(repeat(count, (i) => ({ dpt: i % 7 })))[0]?.level ?? 0
  const counts = [4, 5, 14, 15, 149, 150, 1499, 1500, 9999, 10_000]
  assert.deepEqual(counts.map(levelAfter), [0, 1, 1, 2, 2, 3, 3, 4, 4, 5])
})

test('an invalid ICMP code is level 2 at once, in both families, and a ping is not', () => {
  const icmp = { dpt: -1, spt: -1, flags: -1 }
  const invalid = only(repeat(5, () => ({ proto: 1, icmpType: 8, icmpCode: 2, ...icmp })))
  assert.equal(invalid.level, INVALID_ICMP_LEVEL)
  assert.match(invalid.reasons.join('\n'), /5 ICMP packets of invalid type or code \(type 8 code 2\)/)
  const src = '2001:db8::1'
  assert.equal(only(repeat(2, () => ({ src, proto: 58, icmpType: 135, icmpCode: 22, ...icmp }))).level, 2)
  assert.deepEqual(run(repeat(2, () => ({ src, proto: 58, icmpType: 135, icmpCode: 0, ...icmp }))), [])
  assert.deepEqual(run(repeat(4, () => ({ proto: 1, icmpType: 8, icmpCode: 0, ...icmp }))), [])
})

test('an IPv6 connect scan is one incident of level 3', () => {
  const src = '2001:db8::9'
  const incident = only(portScan(1, 501, { src, dst: '2001:db8:1::5' }))
  assert.deepEqual([incident.level, incident.source, incident.prefix], [3, src, '2001:db8::/64'])
})

test('auto_dl gives the level to an address, to its network, and to its network and protocol', () => {
  for (const line of ['203.0.113.9 5;', '203.0.113.0/24 5;', '203.0.113.0/24 5 tcp;']) {
    assert.equal(only(SMALL_SCAN, {}, line).level, 5)
  }
  assert.equal(only(portScan(1000, 1150, { proto: 17, flags: -1 }), {}, '203.0.113.0/24 5 udp;').level, 5)
  assert.equal(only(SMALL_SCAN, {}, '203.0.113.0/24 5 udp;').level, 3)
})

test('auto_dl of level 0 makes the source vanish', () => {
  assert.equal(detect(SMALL_SCAN, {}, '203.0.113.9 0;').tracked, 0)
  assert.equal(detect(SMALL_SCAN, {}, '203.0.113.0/24 0;').tracked, 0)
  const six = portScan(1000, 1150, { src: '2001:db8::1' })
  assert.equal(detect(six, {}, '2001:0db8:0000:0000:0000:0000:0000:0001 0;').tracked, 0)
  assert.equal(detect(six, {}, '2001:db8::1 0;').tracked, 0)
})

test('ignoring wins over auto_dl', () => {
  const line = '203.0.113.9 5;'
  assert.equal(detect(SMALL_SCAN, { IGNORE_PROTOCOLS: 'tcp' }, line).tracked, 0)
  assert.equal(detect(portScan(1, 9, { proto: 17 }), { IGNORE_PROTOCOLS: 'udp' }, line).tracked, 0)
  assert.equal(
    detect(
      repeat(9, () => ({ proto: 2 })),
      { IGNORE_PROTOCOLS: '2' },
      line,
    ).tracked,
    0,
  )
  assert.equal(
    detect(portScan(1, 9, { in: 'eth0.1' }), { IGNORE_INTERFACES: 'eth1, eth0.1' }, line).tracked,
    0,
  )
  assert.equal(detect(SMALL_SCAN, { IGNORE_PORTS: 'tcp/1000-1150' }, line).tracked, 0)
  assert.equal(detect(portScan(1, 9, { prefix: 'X LOG ' }), { IGNORE_LOG_PREFIXES: '^X' }, line).tracked, 0)
})

test('with FW_SEARCH_ALL off a packet counts when its prefix holds a search string', () => {
  const packets = portScan(1000, 1150, { prefix: 'DROP INVALID ' })
  assert.equal(only(packets, { FW_SEARCH_ALL: false }).level, 3)
  assert.equal(detect(packets, { FW_SEARCH_ALL: false, FW_MSG_SEARCH: ['absent', 'REJECT'] }).tracked, 0)
})

test('with ENABLE_IPV6_DETECTION off IPv6 is not looked at', () => {
  const packets = [...SMALL_SCAN, ...portScan(1000, 1150, { src: '2001:db8::1' })]
  assert.equal(run(packets).length, 2)
  assert.equal(only(packets, { ENABLE_IPV6_DETECTION: false }).source, '203.0.113.9')
})
