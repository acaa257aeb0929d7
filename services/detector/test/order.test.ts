import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACK, FIN, type Packet } from '@picket/schemas'
import fc from 'fast-check'
import { FOLDED } from '../src/detect/method.ts'
import { kindBit } from '../src/detect/picket/judge.ts'
import { PicketMethod } from '../src/detect/picket/picket-method.ts'
import type { PicketScan } from '../src/detect/picket/picket-scan.ts'
import { act, essence, jitter, play, withFewSuspects } from './acts.ts'
import { incidentOf, observe } from './observing.ts'
import { tcp, toPorts, upTo } from './packets.ts'

test('packets that arrive up to five seconds late tell the same story', () => {
  const cases = fc.tuple(fc.array(act, { minLength: 1, maxLength: 6 }), fc.integer())
  fc.assert(
    fc.property(cases, ([acts, seed]) => {
      const inOrder = withFewSuspects(acts)
        .flatMap(play)
        .sort((a, b) => a.time - b.time)
      const late = inOrder
        .map((packet, i) => ({ packet, at: packet.time + jitter(seed, i) }))
        .sort((a, b) => a.at - b.at)
        .map(({ packet }) => packet)
      assert.deepEqual(essence(observe(late).incidents), essence(observe(inOrder).incidents))
    }),
    { numRuns: 150 },
  )
})

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

  override fold(scan: PicketScan, ...rest: [Packet, 'probe' | 'suspect', number]): number {
    const folded = super.fold(scan, ...rest)
    if ((folded & FOLDED.changed) !== 0) return folded
    const { level, kinds } = scan
    this.judge(scan)
    assert.deepEqual([scan.level, scan.kinds & ~JUDGED_LATER], [level, kinds & ~JUDGED_LATER])
    Object.assign(scan, { level, kinds })
    this.unchanged++
    return folded
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

test('who logged the suspects of a scan is named, whichever packet came last', () => {
  const late = upTo(3).map((i) =>
    tcp({ flags: ACK | FIN, dpt: 443, spt: 50_001 + 7 * i, reporter: 'web7', at: i }),
  )
  const acks = upTo(3).map((i) => tcp({ flags: ACK, dpt: 1, spt: 45_000, dst: `10.0.0.${i}`, at: 3 }))
  for (const packets of [
    [...late, ...acks],
    [...acks, ...late],
  ]) {
    assert.deepEqual(incidentOf(packets).reporters, ['web1', 'web7'])
  }
})
