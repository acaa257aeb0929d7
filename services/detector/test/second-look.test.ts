/** What a stranger's second look at the product found: each of these was once wrong. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACK } from '@picket/schemas'
import { Detector, PicketMethod } from '../src/index.ts'
import { incidentOf, isQuiet, observe } from './observing.ts'
import { DAY, icmp, type PacketParts, protocol, tcp, toPorts, udp, upTo } from './packets.ts'

const bareAck = (parts: PacketParts) => tcp({ flags: ACK, dpt: 80, spt: 45_144, ...parts })

test('a stranger whose clock is years ahead cuts nobody else’s incident in two', () => {
  const scan = toPorts(upTo(30, 1000))
  const stranger = tcp({ src: '198.51.100.7', at: 20_000 * DAY })
  const others = upTo(20).map((i) => tcp({ src: `45.1.0.${i}` }))
  for (const before of [[], others]) {
    const { incidents } = observe([...before, ...scan.slice(0, 15), stranger, ...scan.slice(15)])
    assert.deepEqual(
      incidents.map(({ source, contacts }) => [source, contacts]),
      [['203.0.113.9', 30]],
    )
  }
})

test('a restored detector forgets when the other one would have', () => {
  const strangers = (day: number) => upTo(50).map((i) => tcp({ src: `45.${day}.0.${i}`, at: day * DAY + i }))
  const method = new PicketMethod()
  const whole = new Detector({ method })
  for (const packet of [...strangers(0), ...strangers(8).slice(0, 10)]) whole.observe(packet)
  const restored = Detector.restore(whole.snapshot(), { method })
  for (const packet of strangers(8).slice(10)) {
    whole.observe(packet)
    restored.observe(packet)
  }
  assert.ok(whole.tracked < 100)
  assert.equal(restored.tracked, whole.tracked)
})

test('an ACK and a timestamp request to each of two hosts are nmap -sn, whichever comes first', () => {
  const acks = ['10.0.0.5', '10.0.0.6'].map((dst) => bareAck({ dst }))
  const questions = ['10.0.0.5', '10.0.0.6'].map((dst) => icmp(13, { dst, at: 1 }))
  assert.equal(incidentOf([...acks, ...questions]).contacts, 4)
  assert.equal(incidentOf([...questions, ...acks]).contacts, 4)
})

test('an ACK to one host and a timestamp request to another corroborate nothing', () => {
  assert.ok(
    isQuiet([bareAck({ dst: '10.0.0.5' }), icmp(13, { dst: '10.0.0.6' }), bareAck({ dst: '10.0.0.7' })]),
  )
})

test('answers to multicast questions are no scan', () => {
  for (const spt of [1900, 3702, 5355]) {
    assert.ok(isQuiet(upTo(20, 40_000).map((dpt) => udp({ spt, dpt }))), `from port ${spt}`)
  }
})

test('the tunnels of a VPN peer are no scan, five other protocols are', () => {
  const peer = [tcp({ dpt: 443 }), udp({ spt: 500, dpt: 500 }), icmp(8), protocol(50), protocol(47)]
  assert.ok(isQuiet(peer))
  assert.deepEqual(incidentOf([33, 89, 103, 132, 253].map((proto) => protocol(proto))).kinds, [
    'protocol_scan',
  ])
})
