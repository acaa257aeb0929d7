/**
 * Commits that say their number everywhere: in values, mark, output and offset, so that a mixture of two shows.
 */
import assert from 'node:assert/strict'
import type { Commit, PartitionStore } from '@picket/runtime'
import { bytes, commitOf, put, textOf } from './commits.ts'

export const PARTITION = 'packets:3'

export async function commitNumber(store: PartitionStore, epoch: number, number: number): Promise<void> {
  const outcome = await store.commit(PARTITION, numbered(epoch, number))
  assert.equal(outcome.done, true)
}

export function numbered(epoch: number, number: number): Commit {
  const expected = number === 1 ? undefined : number - 1
  const puts = ['a', 'b'].map((key) => put(key, String(number)))
  const marks = [{ name: 'agent', number, offset: number }]
  return commitOf({ epoch, expected, next: number, puts, marks, outbox: [bytes(String(number))] })
}

/** What is stored, after checking that all of it belongs to one commit. */
export async function storedNumber(store: PartitionStore): Promise<number> {
  const claim = await store.claim(PARTITION)
  const number = claim.next ?? 0
  const values = (await store.load(PARTITION, ['a', 'b'])).map(textOf)
  const said = number === 0 ? null : String(number)
  assert.deepEqual(values, [said, said])
  assert.deepEqual(claim.marks, number === 0 ? [] : [{ name: 'agent', number, offset: number }])
  assert.deepEqual(
    claim.outbox.map(({ place }) => place),
    Array.from({ length: number }, (_, index) => index + 1),
  )
  assert.deepEqual(
    claim.outbox.map(({ value }) => textOf(value)),
    claim.outbox.map(({ place }) => String(place)),
  )
  return number
}
