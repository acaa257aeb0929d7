import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACK, FIN, type Incident, type Packet, SYN } from '@picket/schemas'
import fc from 'fast-check'
import { kindBit } from '../src/detect/picket/judge.ts'
import { PicketMethod } from '../src/detect/picket/picket-method.ts'
import type { PicketScan } from '../src/detect/picket/picket-scan.ts'
import { observe } from './observing.ts'
import { icmp, protocol, tcp, toPorts, udp, upTo } from './packets.ts'

const LATENESS_MS = 5000

/** What somebody does: `count` packets, `gap` seconds apart, of one sort, over some hosts and ports. */
const act = fc.record({
  source: fc.integer({ min: 1, max: 3 }),
  sort: fc.constantFrom('syn', 'fin', 'ack', 'late', 'udp', 'ping', 'protocol', 'out'),
  at: fc.integer({ min: 0, max: 40_000 }),
  gap: fc.constantFrom(0, 0.01, 1, 40, 1300),
  count: fc.integer({ min: 1, max: 260 }),
  hosts: fc.constantFrom(1, 1, 2, 5, 300),
  ports: fc.constantFrom(1, 3, 20, 400),
  from: fc.constantFrom(1, 20, 440, 8079, 40_000),
})

type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

function play(step: Act): Packet[] {
  return upTo(step.count).map((i) => probe(step, i))
}

function probe(step: Act, i: number): Packet {
  const host = i % step.hosts
  const dpt = step.from + (Math.floor(i / step.hosts) % step.ports)
  const dst = `10.0.${host >> 8}.${host & 255}`
  const parts = { src: `203.0.113.${step.source}`, dst, dpt, at: step.at + i * step.gap }
  switch (step.sort) {
    case 'syn':
      return tcp({ ...parts, flags: SYN, reporter: `web${host % 3}` })
    case 'fin':
      return tcp({ ...parts, flags: FIN })
    case 'ack':
      return tcp({ ...parts, flags: ACK, spt: 45_000 })
    case 'late':
      return tcp({ ...parts, flags: ACK | FIN, dpt: 443, spt: 40_000 + ((i * 7919) % 20_000) })
    case 'udp':
      return udp(parts)
    case 'ping':
      return icmp(8, { ...parts, dpt: -1 })
    case 'protocol':
      return protocol(47 + (i % 9), { ...parts, dpt: -1 })
    default:
      return tcp({ ...parts, in: '', out: 'eth0' })
  }
}

/** All that must not depend on the order of arrival. */
function essence(incidents: readonly Incident[]): unknown[] {
  return incidents
    .map(({ source, kinds, level, packets, contacts, hosts, hostCount, ports, portCount, ...rest }) => ({
      source,
      kinds,
      level,
      packets,
      contacts,
      hosts,
      hostCount,
      ports,
      portCount,
      firstSeen: rest.firstSeen,
      lastSeen: rest.lastSeen,
      reporters: rest.reporters,
      techniques: rest.techniques,
      bannable: rest.bannable,
    }))
    .sort((a, b) => (`${a.source}${a.firstSeen}` < `${b.source}${b.firstSeen}` ? -1 : 1))
}

test('packets that arrive up to five seconds late tell the same story', () => {
  const cases = fc.tuple(fc.array(act, { minLength: 1, maxLength: 6 }), fc.integer())
  fc.assert(
    fc.property(cases, ([acts, seed]) => {
      const inOrder = acts.flatMap(play).sort((a, b) => a.time - b.time)
      const late = inOrder
        .map((packet, i) => ({ packet, at: packet.time + jitter(seed, i) }))
        .sort((a, b) => a.at - b.at)
        .map(({ packet }) => packet)
      assert.deepEqual(essence(observe(late).incidents), essence(observe(inOrder).incidents))
    }),
    { numRuns: 150 },
  )
})

function jitter(seed: number, i: number): number {
  const mixed = Math.imul((seed ^ i) + 0x9e3779b9, 0x85ebca6b)
  return ((mixed ^ (mixed >>> 15)) >>> 0) % LATENESS_MS
}

test('the same packets in the same order give the same incidents and alerts, ids and all', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 1, maxLength: 4 }), (acts) => {
      const packets = acts.flatMap(play).sort((a, b) => a.time - b.time)
      const [first, second] = [observe(packets), observe(packets, { seed: 99 })]
      assert.deepEqual(second.incidents, first.incidents)
      assert.deepEqual(second.alerts, first.alerts)
    }),
    { numRuns: 40 },
  )
})

test('every packet counts once, however scan and session mix', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 1, maxLength: 4 }), (acts) => {
      const packets = acts.flatMap(play)
      const { detector } = observe(packets)
      const counted = Object.values(detector.counts.observed).reduce((sum, count) => sum + count, 0)
      assert.equal(counted, packets.length)
    }),
    { numRuns: 20 },
  )
})

/** A repeat only refreshes when and which way a source was seen; that is judged with its next contact. */
const JUDGED_LATER = kindBit('slow_scan') | kindBit('outbound_scan')

/** Judges also what is said to be unchanged. */
class Doubting extends PicketMethod {
  unchanged = 0

  override fold(scan: PicketScan, ...rest: [Packet, 'probe' | 'suspect', number]): boolean {
    if (super.fold(scan, ...rest)) return true
    const { level, kinds } = scan
    this.judge(scan)
    assert.deepEqual([scan.level, scan.kinds & ~JUDGED_LATER], [level, kinds & ~JUDGED_LATER])
    Object.assign(scan, { level, kinds })
    this.unchanged++
    return false
  }
}

test('what is not judged anew would be judged the same', () => {
  const method = new Doubting()
  observe(toPorts(upTo(900, 1)), { method })
  assert.ok(method.unchanged > 500, 'most ports of a long scan change nothing')
  fc.assert(
    fc.property(fc.array(act, { minLength: 1, maxLength: 4 }), (acts) => {
      const long = acts.map((step) => ({ ...step, count: step.count * 4 }))
      observe(
        long.flatMap(play).sort((a, b) => a.time - b.time),
        { method },
      )
    }),
    { numRuns: 60 },
  )
})
