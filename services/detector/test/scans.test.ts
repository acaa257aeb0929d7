import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACK, FIN, type Packet, PSH, SYN, URG } from '@picket/schemas'
import { incidentOf, isQuiet, observe } from './observing.ts'
import { address, HOUR, icmp, MINUTE, protocol, tcp, toHosts, toPorts, udp, upTo } from './packets.ts'

const TECHNIQUES: readonly [string, (dpt: number) => Packet, string[], boolean][] = [
  ['SYN', (dpt) => tcp({ dpt }), ['syn'], false],
  ['NULL', (dpt) => tcp({ dpt, flags: 0 }), ['null'], true],
  ['FIN', (dpt) => tcp({ dpt, flags: FIN }), ['fin'], true],
  ['XMAS', (dpt) => tcp({ dpt, flags: FIN | PSH | URG }), ['xmas'], true],
  ['ACK', (dpt) => tcp({ dpt, flags: ACK }), ['ack', 'window'], true],
  ['Maimon', (dpt) => tcp({ dpt, flags: FIN | ACK }), ['maimon'], true],
  ['odd', (dpt) => tcp({ dpt, flags: SYN | FIN }), ['odd'], true],
  ['UDP', (dpt) => udp({ dpt }), ['udp'], false],
]

for (const [name, probe, techniques, isStealth] of TECHNIQUES) {
  test(`a ${name} scan of twelve ports is one vertical scan, named`, () => {
    const incident = incidentOf(upTo(12, 100).map(probe))
    assert.deepEqual(incident.techniques, techniques)
    assert.deepEqual(incident.kinds, isStealth ? ['vertical_scan', 'stealth_scan'] : ['vertical_scan'])
    assert.equal(incident.contacts, 12)
    assert.equal(incident.packets, 12)
    assert.equal(incident.level, 2)
  })
}

test('three ordinary ports of one host are a scan; the same port again is nothing new', () => {
  assert.ok(isQuiet(toPorts([21, 23, 21, 23, 21, 23])))
  assert.equal(incidentOf(toPorts([21, 23, 111])).level, 1)
})

test('three ports that honest clients try are no scan, five within five minutes are', () => {
  assert.ok(isQuiet(toPorts([25, 80, 443])))
  assert.equal(incidentOf(toPorts([25, 53, 80, 443, 8080])).level, 1)
  const spread = [25, 53, 80, 443, 8080].map((dpt, i) => tcp({ dpt, at: i * 2 * MINUTE }))
  assert.ok(isQuiet(spread))
})

test('an everyday port counts in full when its neighbours are probed as well', () => {
  assert.equal(incidentOf(toPorts([24, 25, 26])).level, 1)
  assert.ok(isQuiet(toPorts([24, 25, 8080])))
})

test('a neighbouring port that is forgotten no longer makes a row', () => {
  const day = 24 * HOUR
  const row = [tcp({ dpt: 24 }), tcp({ dpt: 25 }), tcp({ dpt: 25, at: 6 * day })]
  assert.ok(isQuiet([...row, ...toPorts([21, 23], { at: 8 * day })]))
  assert.equal(incidentOf([...row, ...toPorts([21, 23], { at: 6 * day })]).contacts, 4)
})

test('a sweep of two thousand hosts names 256 and estimates the rest', () => {
  const incident = incidentOf(toHosts(2000, { dpt: 23 }))
  assert.equal(incident.hosts.length, 256)
  assert.ok(Math.abs(incident.hostCount - 2000) < 200, `${incident.hostCount}`)
  assert.equal(incident.contacts, incident.hostCount)
  assert.equal(incident.level, 5)
  assert.ok(Math.abs(incidentOf(toHosts(320, { dpt: 23 })).hostCount - 320) < 35)
})

test('the contacts of many hosts and many ports are estimated', () => {
  const packets = upTo(50, 100).flatMap((dpt) => toHosts(60, { dpt }))
  const incident = incidentOf(packets)
  assert.ok(Math.abs(incident.contacts - 3000) < 300, `${incident.contacts}`)
  assert.equal(incident.hostCount, 60)
  assert.equal(incident.portCount, 50)
  assert.deepEqual(incident.kinds, ['vertical_scan', 'horizontal_sweep', 'block_scan'])
})

test('a health check on two ports stays unnoticed for weeks', () => {
  assert.ok(isQuiet(upTo(2000).map((i) => tcp({ dpt: i % 2 === 0 ? 8080 : 9100, at: i * 900 }))))
})

test('contacts a week old no longer count while a source has no level', () => {
  const day = 24 * HOUR
  const late = [tcp({ dpt: 21 }), tcp({ dpt: 23, at: 4 * day }), tcp({ dpt: 111, at: 8 * day })]
  assert.ok(isQuiet(late))
  assert.equal(incidentOf([...late, tcp({ dpt: 7, at: 8.5 * day })]).contacts, 3)
})

test('ten lines that UFW left of a thousand-port scan are enough', () => {
  assert.equal(incidentOf(toPorts([21, 25, 143, 199, 554, 993, 1720, 1723, 5900, 8080])).level, 2)
})

test('a port on many hosts is a sweep', () => {
  const incident = incidentOf(toHosts(14, { dpt: 23 }))
  assert.deepEqual(incident.kinds, ['horizontal_sweep'])
  assert.equal(incident.hostCount, 14)
  assert.equal(incident.hosts[0], '10.0.0.0')
  assert.ok(isQuiet(toHosts(7, { dpt: 443 })))
})

test('several ports on several hosts are a block scan as well', () => {
  const packets = [22, 23, 111, 445, 3389].flatMap((dpt) => toHosts(4, { dpt }))
  assert.deepEqual(incidentOf(packets).kinds, ['vertical_scan', 'horizontal_sweep', 'block_scan'])
})

test('two probes an hour for a day are a slow scan, three in one hour are not', () => {
  const slow = upTo(24).map((i) => tcp({ dpt: 1000 + 7 * i, at: i * 0.5 * HOUR }))
  assert.deepEqual(incidentOf(slow).kinds, ['vertical_scan', 'slow_scan'])
  const faster = [...slow, tcp({ dpt: 9, at: 60 }), tcp({ dpt: 11, at: 90 })].sort((a, b) => a.time - b.time)
  assert.deepEqual(incidentOf(faster).kinds, ['vertical_scan'])
})

test('five IP protocols to one host are a protocol scan', () => {
  const incident = incidentOf([47, 50, 51, 89, 132].map((proto, i) => protocol(proto, { at: i })))
  assert.ok(incident.kinds.includes('protocol_scan'))
  assert.deepEqual(incident.protocols, [47, 50, 51, 89, 132])
  assert.equal(incident.portCount, 0)
})

test('256 IP protocols are still counted exactly', () => {
  const incident = incidentOf(
    upTo(256)
      .filter((p) => p !== 6)
      .map((proto) => protocol(proto)),
  )
  assert.equal(incident.contacts, 255)
  assert.deepEqual(incident.kinds, ['protocol_scan'])
})

test('pinging three hosts within five minutes is an ICMP sweep', () => {
  const ping = (host: number, at: number) => icmp(8, { dst: `10.0.0.${host}`, at })
  assert.deepEqual(incidentOf([ping(1, 0), ping(2, 100), ping(3, 200)]).kinds, ['icmp_sweep'])
  assert.ok(isQuiet([ping(1, 0), ping(2, 400), ping(3, 800)]))
  assert.equal(incidentOf(upTo(5).map((i) => ping(i, i * 400))).level, 1)
})

test('an ACK ping sweep from one source port alerts with the timestamp requests beside it', () => {
  const acks = [27, 28, 29, 30].map((host) =>
    tcp({ flags: ACK, spt: 45_144, dpt: 80, dst: `10.77.0.${host}` }),
  )
  const stamps = [29, 30].map((host) => icmp(13, { dst: `10.77.0.${host}` }))
  const incident = incidentOf([...acks, ...stamps])
  assert.equal(incident.hostCount, 4)
  assert.equal(incident.packets, 6)
})

test('hping raises its source port with the destination port and is seen all the same', () => {
  const walk = (from: number) => upTo(20).map((i) => tcp({ flags: ACK, spt: 2542 + i, dpt: from + i }))
  assert.equal(incidentOf(walk(1)).contacts, 20)
  assert.equal(incidentOf(walk(2000)).contacts, 20)
})

test('an IPv6 source is its /64, named by its lowest address', () => {
  const packets = upTo(12).map((i) =>
    tcp({ src: `2001:db8:1:2::${(20 - i).toString(16)}`, dst: '2001:db8::5', dpt: 100 + i }),
  )
  const incident = incidentOf(packets)
  assert.equal(incident.prefix, '2001:db8:1:2::/64')
  assert.equal(incident.source, '2001:db8:1:2::9')
  assert.deepEqual(incident.hosts, ['2001:db8::5'])
})

test('our own machine needs four times the evidence, and is never bannable', () => {
  const out = { in: '', out: 'eth0', src: '10.0.0.7', dst: '192.0.2.1' }
  assert.ok(isQuiet(toPorts(upTo(11, 100), out)))
  const incident = incidentOf(toPorts(upTo(60, 100), out))
  assert.ok(incident.kinds.includes('outbound_scan'))
  assert.deepEqual(incident.attack, ['T1046'])
  assert.equal(incident.bannable, false)
})

test('twenty ports by SYN are bannable; by FIN, or from inside, they are not', () => {
  assert.equal(incidentOf(toPorts(upTo(20, 100))).bannable, true)
  assert.equal(incidentOf(toPorts(upTo(19, 100))).bannable, false)
  assert.equal(incidentOf(toPorts(upTo(20, 100), { flags: FIN })).bannable, false)
  assert.equal(incidentOf(toPorts(upTo(20, 100), { src: '192.168.1.4' })).bannable, false)
})

test('the level follows the contacts and the hosts, whichever is higher', () => {
  for (const [contacts, level] of [
    [3, 1],
    [10, 2],
    [100, 3],
    [750, 4],
    [5000, 5],
  ] as const) {
    assert.equal(incidentOf(toPorts(upTo(contacts, 10_000))).level, level)
    assert.equal(levelOf(toPorts(upTo(contacts - 1, 10_000))), level - 1)
  }
  for (const [hosts, level] of [
    [3, 1],
    [8, 2],
    [20, 3],
    [50, 4],
    [200, 5],
  ] as const) {
    assert.equal(incidentOf(toHosts(hosts, { dpt: 23 })).level, level)
  }
})

function levelOf(packets: readonly Packet[]): number {
  return observe(packets).incidents[0]?.level ?? 0
}

test('ports come back as ranges by protocol', () => {
  const incident = incidentOf([...toPorts([22, 80, 1000, 1001, 1002]), udp({ dpt: 53 })])
  assert.deepEqual(incident.ports, { tcp: '22,80,1000-1002', udp: '53' })
  assert.equal(incident.portCount, 6)
})

test('reasons say what is missing for a level', () => {
  const { detector } = observe(toPorts([21, 23]))
  assert.deepEqual(detector.reasonsOf(address('203.0.113.9')), [
    'evidence 3.06 of 4.50 from 2 contacts, of which 3 are needed',
  ])
})
