import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACK, type Alert, FIN, type Packet, SYN } from '@picket/schemas'
import fc from 'fast-check'
import { Detector } from '../src/detect/detector.ts'
import { PicketMethod } from '../src/detect/picket/picket-method.ts'
import { icmp, tcp, udp, upTo } from './packets.ts'

const FLAGS = [SYN, SYN, SYN, FIN, ACK, ACK | FIN] as const

/** A lively mixture: some sources many ports, some many hosts, IPv4 and IPv6. */
function mixture(seed: number, count: number): Packet[] {
  return upTo(count).map((i) => {
    const dice = Math.imul(seed + i * 31, 0x9e3779b1) >>> 8
    const parts = { at: i * 2, dpt: 1 + (dice % 3000) }
    if (dice % 11 !== 0) return overV4(dice, parts)
    return tcp({ ...parts, src: `2001:db8::${dice % 3}`, dst: `2001:db8:1::${dice % 300}` })
  })
}

function overV4(dice: number, when: { at: number; dpt: number }): Packet {
  const dst = dice % 5 === 1 ? '10.0.0.5' : `10.0.${dice % 2}.${(dice >> 3) % 256}`
  const parts = { ...when, src: `203.0.113.${dice % 5}`, dst }
  if (dice % 13 === 0) return icmp(8, { ...parts, dpt: -1 })
  if (dice % 7 === 0) return udp(parts)
  return tcp({ ...parts, spt: 45_000, flags: FLAGS[dice % FLAGS.length] as number })
}

function detectorWith(alerts: Alert[]): Detector {
  return new Detector({ method: new PicketMethod(), onAlert: (alert) => alerts.push(alert) })
}

for (const [name, copy] of [
  ['structured cloning', structuredClone],
  ['JSON', (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown],
] as const) {
  test(`a detector restored after ${name} goes on as if nothing had happened`, () => {
    const cases = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 1500 }))
    fc.assert(
      fc.property(cases, ([seed, before, after]) => {
        const packets = mixture(seed, before + after)
        const alerts: Alert[] = []
        const undisturbed = detectorWith(alerts)
        for (const packet of packets) undisturbed.observe(packet)

        const told: Alert[] = []
        const first = detectorWith(told)
        for (const packet of packets.slice(0, before)) first.observe(packet)
        const second = Detector.restore(copy(first.snapshot()), {
          method: new PicketMethod(),
          onAlert: (alert) => told.push(alert),
        })
        for (const packet of packets.slice(before)) second.observe(packet)

        assert.deepEqual(second.incidents(), undisturbed.incidents())
        assert.deepEqual(told, alerts)
        assert.deepEqual(second.counts, undisturbed.counts)
      }),
      { numRuns: 25 },
    )
  })
}

test('a snapshot made under another policy is refused', () => {
  const snapshot = { ...(detectorWith([]).snapshot() as object), method: 'psad' }
  assert.throws(() => Detector.restore(snapshot, { method: new PicketMethod() }), /made under policy psad/)
})

test('a snapshot shares nothing with the detector it was taken from', () => {
  const detector = detectorWith([])
  for (const packet of mixture(1, 2000)) detector.observe(packet)
  const snapshot = detector.snapshot()
  const copy = structuredClone(snapshot)
  for (const packet of mixture(2, 2000)) detector.observe(packet)
  assert.deepEqual(snapshot, copy)
})
