import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Scan, Tier } from '../src/detect/method.ts'
import { newScan } from '../src/detect/scan.ts'
import { SourceTable } from '../src/detect/source-table.ts'
import { tcp } from './packets.ts'

const step = fc.record({
  act: fc.constantFrom('see', 'see', 'see', 'remove'),
  source: fc.integer({ min: 0, max: 60 }),
  tier: fc.constantFrom<Tier>(0, 1, 2),
})

/** IPv4 and IPv6 in turn; two IPv6 addresses share a /64. */
function packetOf(source: number) {
  return source % 3 === 0
    ? tcp({ src: `2001:db8:0:${(source >> 1).toString(16)}::${source}` })
    : tcp({ src: `203.0.113.${source}` })
}

function keyOf(source: number): string {
  return source % 3 === 0 ? `six ${source >> 1}` : `four ${source}`
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
/** What the table ought to hold, from the least recently seen on. */
type Model = readonly (readonly [string, Tier])[]

function take(table: SourceTable<Scan>, model: Model, { act, source, tier }: Step): Model {
  const packet = packetOf(source)
  const slot = table.find(packet.src)
  const rest = model.filter(([key]) => key !== keyOf(source))
  assert.equal(slot >= 0, rest.length < model.length)
  if (act === 'remove') {
    if (slot >= 0) table.remove(slot)
    return rest
  }
  if (slot >= 0) table.touch(slot, tier)
  else table.add(packet.src, newScan(packet), tier)
  return [...rest, [keyOf(source), tier]]
}

test('the table finds, orders and forgets sources as a plain list would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const table = new SourceTable<Scan>(1000, 7)
      const model = steps.reduce<Model>((before, next) => take(table, before, next), [])
      const byTier = ([0, 1, 2] as const).flatMap((tier) => model.filter(([, of]) => of === tier))
      assert.equal(table.size, model.length)
      assert.deepEqual(
        [...table.entries()].map(([scan, tier]) => [nameOf(scan), tier]),
        byTier,
      )
      assert.equal(table.cheapest() < 0, model.length === 0)
    }),
    { numRuns: 200 },
  )
})

function nameOf(scan: Scan): string {
  return scan.word0 === 0 ? `four ${scan.word3 & 255}` : `six ${scan.word1 & 0xffff}`
}
