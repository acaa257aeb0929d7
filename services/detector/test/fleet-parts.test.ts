import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AgentMarks } from '../src/detect/fleet/agent-marks.ts'
import { Busiest, kthLargest, MOST_NAMES } from '../src/detect/fleet/busiest.ts'
import { BusiestSources, MOST_SOURCES } from '../src/detect/fleet/busiest-sources.ts'
import { EventClock } from '../src/detect/fleet/event-clock.ts'
import { ReporterClocks } from '../src/detect/fleet/reporter-clocks.ts'
import { newScan } from '../src/detect/scan.ts'
import { tcp, upTo } from './packets.ts'

test('a batch counts once, whatever its first number; a gap is told, and a log read again is no repeat', () => {
  const marks = new AgentMarks()
  assert.equal(marks.accept('a', 7, 100), 'new')
  assert.equal(marks.accept('b', 1, 101), 'new')
  assert.equal(marks.accept('a', 8, 102), 'new')
  assert.equal(marks.accept('a', 8, 103), 'repeat')
  assert.equal(marks.accept('a', 3, 104), 'repeat')
  assert.equal(marks.accept('a', 11, 105), 'gap')
  assert.equal(marks.accept('a', 11, 105), 'reread')
  assert.equal(marks.accept('a', 8, 102), 'reread')
  assert.deepEqual(marks.take(), [
    { name: 'a', number: 11, offset: 105 },
    { name: 'b', number: 1, offset: 101 },
  ])
  assert.deepEqual(marks.take(), [])
  const restored = new AgentMarks([{ name: 'a', number: 11, offset: 105 }])
  assert.equal(restored.accept('a', 11, 106), 'repeat')
  assert.equal(restored.accept('a', 12, 107), 'new')
})

test('a packet more than a minute ahead of the broker, or without a time, has the time of the broker', () => {
  const clock = new EventClock()
  clock.beginMessage(1_000_000)
  assert.equal(clock.take(1_060_000), 1_060_000)
  assert.equal(clock.isAhead, false)
  assert.equal(clock.take(1_060_001), 1_000_000)
  assert.equal(clock.isAhead, true)
  assert.equal(clock.take(Number.NaN), 1_000_000)
  assert.equal(clock.isAhead, false)
})

test('the watermark trails the newest time that the broker confirms, and never goes back', () => {
  const clock = new EventClock()
  assert.equal(clock.watermark, 0)
  clock.beginMessage(1_000_000)
  clock.take(1_030_000)
  assert.equal(clock.watermark, 995_000, 'no clock that runs ahead makes others late')
  clock.take(995_000)
  assert.equal(clock.isLate, false)
  clock.take(994_999)
  assert.equal(clock.isLate, true)
  assert.equal(clock.watermark, 995_000)
  assert.equal(new EventClock(clock.newest).watermark, 995_000)
})

test('the skew of a reporter is the best of its last packets, and packets without a time say nothing', () => {
  const clocks = new ReporterClocks()
  for (const lead of [-900, -200, -4000]) clocks.see('web1', lead, false)
  clocks.see('web1', Number.NaN, false)
  clocks.see('web2', 90_000, true)
  for (const _ of upTo(16)) clocks.see('web3', 500, false)
  for (const _ of upTo(16)) clocks.see('web3', -500, false)
  assert.deepEqual(clocks.all(), [
    { reporter: 'web1', skewMs: -200, ahead: 0 },
    { reporter: 'web2', skewMs: 90_000, ahead: 1 },
    { reporter: 'web3', skewMs: -500, ahead: 0 },
  ])
})

test('the k-th largest is what sorting says', () => {
  const counts = fc.array(fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 100_000 })))
  fc.assert(
    fc.property(counts, fc.nat(200), (numbers, k) => {
      const sorted = [...numbers].sort((a, b) => b - a)
      assert.equal(kthLargest(numbers, k), sorted[k] ?? 0)
    }),
  )
})

test('a count of the busiest is never too high, and too low by little', () => {
  const names = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 9 })), { maxLength: 2000 })
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 300 }), (counted, length) => {
      const busiest = new Busiest<number>([])
      const exact = new Map<number, number>()
      let total = 0
      counted.forEach(([name, count], i) => {
        busiest.add(name, count)
        exact.set(name, (exact.get(name) ?? 0) + count)
        total += count
        if (i % length === 0) busiest.endMessage()
      })
      busiest.endMessage()
      const found = new Map(busiest.entries())
      assert.ok(found.size <= MOST_NAMES)
      for (const [name, count] of exact) {
        const told = found.get(name) ?? 0
        assert.ok(told <= count && told >= count - total / (MOST_NAMES + 1), `${told} of ${count}`)
      }
    }),
    { numRuns: 50 },
  )
})

test('the busiest sources are exact, and a story that ended keeps its count', () => {
  const counts = fc.array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 50 })), { maxLength: 400 })
  fc.assert(
    fc.property(counts, fc.nat(400), (seen, restart) => {
      let busiest = new BusiestSources()
      const most = new Map<string, number>()
      seen.forEach(([number, packets], i) => {
        if (i === restart) busiest = new BusiestSources(busiest.toRecord())
        const name = `203.0.113.${number}`
        const scan = { ...newScan(tcp({ src: name })), packets }
        busiest.see(scan)
        most.set(name, Math.max(most.get(name) ?? 0, packets))
      })
      const told = Object.values(busiest.toRecord()).sort((a, b) => b - a)
      const wanted = [...most.values()].sort((a, b) => b - a).slice(0, MOST_SOURCES)
      assert.deepEqual(told, wanted)
      for (const [name, count] of Object.entries(busiest.toRecord())) assert.equal(most.get(name), count)
    }),
  )
})
