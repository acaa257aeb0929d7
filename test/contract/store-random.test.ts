/**
 * Chance against the store: any operations in any order do in Redis what they do in memory, and a connection that is cut at any
 * answer never makes a commit count twice or not at all.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { MemoryStore, type PartitionStore } from '@picket/runtime'
import fc from 'fast-check'
import { anyPartition, bytes, commitOf, put, textOf } from './commits.ts'
import { numbered, PARTITION, storedNumber } from './numbered-commits.ts'
import { endAll, proxyTo, redisFor, storeAt } from './test-bed.ts'

after(endAll)

const KEYS = ['a', 'b', '\0', '\xff'] as const
const key = fc.constantFrom(...KEYS)
const small = fc.nat({ max: 3 })
const text = fc.string({ maxLength: 3 })

/** Owners and offsets are few, so that stale ones and wrong ones come up often. */
const operation = fc.oneof(
  fc.record({ does: fc.constant('claim' as const) }),
  fc.record({ does: fc.constant('trim' as const), owner: small, place: fc.nat({ max: 6 }) }),
  fc.record({ does: fc.constant('note' as const), owner: small, key, text }),
  fc.record({
    does: fc.constant('commit' as const),
    owner: small,
    expected: fc.option(small, { nil: undefined }),
    next: small,
    key,
    text,
    outbox: fc.array(text, { maxLength: 3 }),
    mark: fc.option(small),
  }),
)
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never

/** What the caller sees, with epochs by their order, since each store gives out its own. */
async function seenIn(store: PartitionStore, operations: readonly Operation[]): Promise<unknown[]> {
  const partition = anyPartition()
  const epochs: number[] = []
  const seen: unknown[] = []
  for (const one of operations) seen.push(await doneBy(store, partition, one, epochs))
  const { next, marks, outbox } = await store.claim(partition)
  const values = (await store.load(partition, KEYS)).map(textOf)
  return [...seen, next, marks, outbox.map(({ place, value }) => [place, textOf(value)]), values]
}

async function doneBy(
  store: PartitionStore,
  partition: string,
  one: Operation,
  epochs: number[],
): Promise<unknown> {
  if (one.does === 'claim') {
    const { epoch, ...rest } = await store.claim(partition)
    epochs.push(epoch)
    return { ...rest, outbox: rest.outbox.map(({ place, value }) => [place, textOf(value)]) }
  }
  const epoch = epochs.at(-1 - one.owner) ?? 0
  if (one.does === 'trim') return store.trim(partition, epoch, one.place)
  const puts = [put(one.key, one.text)]
  if (one.does === 'note') return store.note(partition, epoch, puts)
  const marks = one.mark === null ? [] : [{ name: 'agent', number: one.mark, offset: one.next }]
  const { expected, next, outbox } = one
  return store.commit(partition, commitOf({ epoch, expected, next, puts, marks, outbox: outbox.map(bytes) }))
}

test('whatever is done to a store, Redis answers as memory does', async () => {
  const redis = await redisFor()
  const store = await storeAt(redis.port)
  const memory = new MemoryStore()
  const operations = fc.array(operation, { maxLength: 25 })
  await fc.assert(
    fc.asyncProperty(operations, async (all) => {
      assert.deepEqual(await seenIn(store, all), await seenIn(memory, all))
    }),
    { numRuns: 200 },
  )
})

test('whatever answers are lost, every commit is written once', async () => {
  const redis = await redisFor()
  const proxy = await proxyTo(redis.port)
  const store = await storeAt(proxy.port)
  let number = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('well', 'cut answer', 'cut'), { maxLength: 8 }),
      async (fates) => {
        const { epoch } = await store.claim(PARTITION)
        for (const fate of fates) {
          number++
          if (fate === 'cut answer') proxy.cutNextAnswer()
          const committing = store.commit(PARTITION, numbered(epoch, number))
          if (fate === 'cut') proxy.cut()
          assert.deepEqual(await committing, { done: true, place: number })
        }
        assert.equal(await storedNumber(store), number)
      },
    ),
    { numRuns: 15, endOnFailure: true },
  )
})
