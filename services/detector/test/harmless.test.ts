import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACK, FIN, type Packet, PSH, RST, SYN } from '@picket/schemas'
import { isQuiet, observe } from './observing.ts'
import { icmp, tcp, udp, upTo } from './packets.ts'

const STRAYS = [FIN | ACK, ACK, PSH | ACK, RST | ACK, FIN | PSH | ACK] as const

/** An honest client's source port for its i-th session. */
function sessionPort(i: number): number {
  return 32_768 + ((i * 7919) % 28_000)
}

function strays(count: number, servers: number, services: readonly number[]): Packet[] {
  return upTo(count).map((i) =>
    tcp({
      flags: STRAYS[i % STRAYS.length] as number,
      spt: sessionPort(i),
      dpt: services[i % services.length] as number,
      dst: `10.0.0.${5 + (i % servers)}`,
      at: i,
    }),
  )
}

test('the tails of one client closing many sessions with one server are no scan', () => {
  assert.ok(isQuiet(strays(2000, 1, [443])))
})

test('the tails of many sessions with several servers and services are no scan', () => {
  assert.ok(isQuiet(strays(3000, 6, [443, 80, 8443, 25, 993])))
})

test('the tails that our own servers send to their clients are no scan', () => {
  for (const spt of [443, 8443]) {
    const packets = strays(2000, 40, [443]).map((packet, i) => {
      return Object.assign(packet, { in: '', out: 'eth0', spt, dpt: sessionPort(i) })
    })
    assert.ok(isQuiet(packets))
  }
})

test("the tails of a foreign server's sessions with our clients are no scan", () => {
  for (const spt of [443, 8443, 50_051]) {
    const packets = strays(500, 3, [443]).map((packet, i) =>
      Object.assign(packet, { spt, dpt: sessionPort(i) }),
    )
    assert.ok(isQuiet(packets))
  }
})

test('backscatter of an attack forged in our name is observed and never alerted', () => {
  const packets = upTo(500).map((i) => tcp({ flags: SYN | ACK, spt: 80, dpt: 1024 + i * 7, at: i }))
  const { alerts, detector } = observe(packets)
  assert.deepEqual(alerts, [])
  assert.equal(detector.counts.observed.backscatter, 500)
  assert.equal(detector.tracked, 0)
})

test('late answers of a resolver to forty ports are no scan', () => {
  assert.ok(isQuiet(upTo(40).map((i) => udp({ spt: 53, dpt: sessionPort(i), udpLen: 128, at: i }))))
})

test('a traceroute is no scan', () => {
  assert.ok(isQuiet(upTo(90).map((i) => udp({ dpt: 33_434 + i, spt: 40_000 + i, ttl: 1 + i / 3, at: i }))))
})

test('ICMP errors, also from many hosts, are no scan', () => {
  assert.ok(isQuiet(upTo(100).map((i) => icmp(3, { dst: `10.0.0.${i}`, at: i }))))
})

test('the chatter of a segment is no scan', () => {
  const chatter = (i: number) => [
    udp({ dst: '224.0.0.251', dpt: 5353, at: i }),
    udp({ dst: '239.255.255.250', dpt: 1900, at: i }),
    udp({ dst: '10.0.0.127', spt: 138, dpt: 138, at: i }),
    udp({ dst: '10.0.0.255', dpt: 137, toMany: true, at: i }),
  ]
  assert.ok(isQuiet(upTo(200).flatMap(chatter)))
})

test('leftovers of peers on one port are no scan', () => {
  const peers = upTo(150).map((i) => udp({ src: `198.51.100.${i}`, dpt: 51_413, at: i }))
  assert.ok(isQuiet([...peers, ...peers]))
})

test('a retransmitted SYN is one contact', () => {
  assert.ok(isQuiet(upTo(6).map((i) => tcp({ dpt: 3389, at: i * i }))))
})

test('an honest client that turns to scanning is found, and the tails become part of it', () => {
  const scan = upTo(12, 100).map((dpt) => tcp({ flags: ACK, spt: 45_000, dpt, at: 5000 + dpt }))
  const { incidents } = observe([...strays(300, 1, [443]), ...scan])
  assert.equal(incidents.length, 1)
  assert.ok(incidents[0]?.kinds.includes('stealth_scan'))
  assert.ok((incidents[0]?.portCount ?? 0) >= 12)
})
