import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Sharer, sharePartitions } from '../../src/queue/share-partitions.ts'

const sharers = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 })
  .chain((ids) =>
    fc.tuple(
      ...ids.map((id) =>
        fc.record({ id: fc.constant(id), had: fc.uniqueArray(fc.nat(20), { maxLength: 10 }) }),
      ),
    ),
  )

test('each partition is given to exactly one, and no two shares differ by more than one', () => {
  fc.assert(
    fc.property(sharers, fc.nat(30), (all, partitions) => {
      const shares = [...sharePartitions(all as Sharer[], partitions).values()]
      assert.deepEqual(
        shares.flat().sort((a, b) => a - b),
        Array.from({ length: partitions }, (_, at) => at),
      )
      const sizes = shares.map((share) => share.length)
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
    }),
  )
})

/** Everybody has kept what it had, but for what its share no longer allows. */
function assertKept(
  before: Map<string, number[]>,
  after: Map<string, number[]>,
  ids: readonly string[],
): void {
  for (const id of ids) {
    const had = new Set(before.get(id))
    const kept = (after.get(id) ?? []).filter((partition) => had.has(partition))
    assert.equal(kept.length, Math.min(had.size, after.get(id)?.length ?? 0))
  }
}

test('when one comes or goes, only what has to moves', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 2, max: 6 }), (partitions, count) => {
      const [gone = '', ...left] = Array.from({ length: count }, (_, at) => `member-${at}`)
      const share = (ids: readonly string[], had: Map<string, number[]>): Map<string, number[]> =>
        sharePartitions(
          ids.map((id) => ({ id, had: had.get(id) ?? [] })),
          partitions,
        )
      const first = share([gone, ...left], new Map())
      const without = share(left, first)
      assertKept(first, without, left)
      assertKept(without, share(['new', ...left], without), left)
    }),
  )
})

test('it does not matter in which order the members are told', () => {
  fc.assert(
    fc.property(sharers, fc.nat(30), (all, partitions) => {
      const one = sharePartitions(all as Sharer[], partitions)
      const other = sharePartitions([...(all as Sharer[])].reverse(), partitions)
      for (const [id, share] of one) assert.deepEqual(other.get(id), share)
    }),
  )
})
