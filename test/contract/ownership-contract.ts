/**
 * What every partition store must do for its owner: epochs, offsets, marks and the outbox.
 *
 * Each test takes a partition of its own, so one store serves all of them.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PartitionStore } from '@picket/runtime'
import { anyPartition, bytes, commitOf, put, textOf } from './commits.ts'

export function ownershipContract(name: string, storeOf: () => PartitionStore): void {
  describe(`the ownership of a partition ${name}`, () => {
    test('gives every claim a higher epoch than the one before', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const first = await store.claim(partition)
      const second = await store.claim(partition)
      const third = await store.claim(partition)
      assert.ok(first.epoch < second.epoch && second.epoch < third.epoch)
      assert.ok(Number.isSafeInteger(third.epoch))
    })

    test('has nothing stored for a partition that was never committed', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { next, marks, outbox } = await store.claim(partition)
      assert.deepEqual({ next, marks, outbox }, { next: undefined, marks: [], outbox: [] })
      assert.equal(await store.position(partition), undefined)
      assert.deepEqual(await store.load(partition, ['a']), [null])
      assert.deepEqual(await store.load(partition, []), [])
    })

    test('changes values, marks, offset and outbox together', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      const marks = [
        { name: 'agent-1', number: 41, offset: 9 },
        { name: 'agent ü', number: 0, offset: 2 ** 52 },
      ]
      const done = await store.commit(
        partition,
        commitOf({
          epoch,
          expected: undefined,
          next: 10,
          puts: [put('a', 'one')],
          marks,
          outbox: [bytes('x'), bytes('y')],
        }),
      )
      assert.deepEqual(done, { done: true, place: 1 })
      assert.equal(await store.position(partition), 10)
      const claim = await store.claim(partition)
      assert.equal(claim.next, 10)
      assert.deepEqual(
        [...claim.marks].sort((a, b) => a.name.localeCompare(b.name)),
        marks.sort((a, b) => a.name.localeCompare(b.name)),
      )
      assert.deepEqual(
        claim.outbox.map(({ place, value }) => [place, textOf(value)]),
        [
          [1, 'x'],
          [2, 'y'],
        ],
      )
      assert.deepEqual((await store.load(partition, ['a'])).map(textOf), ['one'])
    })

    test('refuses a commit, a trim and a note of an owner that was followed by another', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const old = await store.claim(partition)
      await store.commit(
        partition,
        commitOf({ epoch: old.epoch, expected: undefined, next: 1, outbox: [bytes('x')] }),
      )
      await store.claim(partition)
      const stale = commitOf({
        epoch: old.epoch,
        expected: 1,
        next: 2,
        puts: [put('a', 'stale')],
        outbox: [bytes('stale')],
      })
      assert.deepEqual(await store.commit(partition, stale), { done: false, reason: 'fenced' })
      assert.equal(await store.trim(partition, old.epoch, 1), false)
      assert.equal(await store.note(partition, old.epoch, [put('i', 'stale')]), false)
      const { next, outbox } = await store.claim(partition)
      assert.deepEqual([next, outbox.map(({ value }) => textOf(value))], [1, ['x']])
      assert.deepEqual(await store.load(partition, ['a', 'i']), [null, null])
    })

    test('tells an owner what a commit would meet, and changes nothing', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      assert.equal(await store.ownership(partition, 7, undefined), 'fenced', 'nobody has claimed it')
      const { epoch } = await store.claim(partition)
      assert.equal(await store.ownership(partition, epoch, undefined), 'ours')
      assert.equal(await store.ownership(partition, epoch, 0), 'moved')
      await store.commit(partition, commitOf({ epoch, expected: undefined, next: 12 }))
      const told = [undefined, 11, 12, 13].map((expected) => store.ownership(partition, epoch, expected))
      assert.deepEqual(await Promise.all(told), ['moved', 'moved', 'ours', 'moved'])
      const { epoch: later } = await store.claim(partition)
      assert.equal(await store.ownership(partition, epoch, 12), 'fenced')
      assert.equal(await store.ownership(partition, later, 12), 'ours')
    })

    test('refuses a commit of somebody who never claimed', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const outcome = await store.commit(partition, commitOf({ epoch: 7, expected: undefined, next: 1 }))
      assert.deepEqual(outcome, { done: false, reason: 'fenced' })
    })

    test('writes nothing when the stored offset is not the expected one', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      const changes = {
        puts: [put('a', 'wrong')],
        marks: [{ name: 'm', number: 1, offset: 1 }],
        outbox: [bytes('wrong')],
      }
      const moved = { done: false, reason: 'moved' }
      assert.deepEqual(
        await store.commit(partition, commitOf({ epoch, expected: 5, next: 6, ...changes })),
        moved,
      )
      await store.commit(partition, commitOf({ epoch, expected: undefined, next: 10 }))
      assert.deepEqual(
        await store.commit(partition, commitOf({ epoch, expected: undefined, next: 11, ...changes })),
        moved,
      )
      assert.deepEqual(
        await store.commit(partition, commitOf({ epoch, expected: 9, next: 11, ...changes })),
        moved,
      )
      assert.deepEqual(
        await store.commit(partition, commitOf({ epoch, expected: 11, next: 12, ...changes })),
        moved,
      )
      const claim = await store.claim(partition)
      assert.deepEqual([claim.next, claim.marks, claim.outbox], [10, [], []])
      assert.deepEqual(await store.load(partition, ['a']), [null])
    })

    test('takes offset 0 for something stored', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      await store.commit(partition, commitOf({ epoch, expected: undefined, next: 0 }))
      assert.equal((await store.claim(partition)).next, 0)
    })

    test('takes a commit again whose offset stays where it is', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      const still = { epoch, expected: 3, next: 3 }
      await store.commit(partition, commitOf({ epoch, expected: undefined, next: 3 }))
      assert.deepEqual(await store.commit(partition, commitOf({ ...still, outbox: [bytes('x')] })), {
        done: true,
        place: 1,
      })
      assert.deepEqual(await store.commit(partition, commitOf({ ...still, outbox: [bytes('y')] })), {
        done: true,
        place: 2,
      })
    })

    test('keeps the outbox until it is trimmed by place, and its places rise for ever', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      const outbox = [bytes('a'), bytes('b'), bytes('c')]
      await store.commit(partition, commitOf({ epoch, expected: undefined, next: 1, outbox }))
      assert.equal(await store.trim(partition, epoch, 1), true)
      const left = await store.claim(partition)
      assert.deepEqual(
        left.outbox.map(({ place }) => place),
        [2, 3],
      )
      assert.equal(await store.trim(partition, left.epoch, 2), true)
      assert.equal(await store.trim(partition, left.epoch, 1), true, 'a place that is gone already')
      const again = await store.claim(partition)
      assert.deepEqual(
        again.outbox.map(({ place, value }) => [place, textOf(value)]),
        [[3, 'c']],
      )
      const more = commitOf({ epoch: again.epoch, expected: 1, next: 2, outbox: [bytes('d')] })
      assert.deepEqual(await store.commit(partition, more), { done: true, place: 4 })
      assert.equal(await store.trim(partition, again.epoch, 4), true)
      assert.deepEqual((await store.claim(partition)).outbox, [])
      const last = await store.claim(partition)
      const after = commitOf({ epoch: last.epoch, expected: 2, next: 3, outbox: [bytes('e')] })
      assert.deepEqual(await store.commit(partition, after), { done: true, place: 5 })
    })

    test('returns all of a long outbox to the next owner, in order', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      const outbox = Array.from({ length: 1000 }, (_, index) => bytes(`alert ${index}`))
      await store.commit(partition, commitOf({ epoch, expected: undefined, next: 1, outbox }))
      await store.trim(partition, epoch, 10)
      const pending = (await store.claim(partition)).outbox
      assert.deepEqual(
        pending.map(({ place, value }) => `${place}: ${textOf(value)}`),
        outbox.slice(10).map((value, index) => `${index + 11}: ${textOf(value)}`),
      )
    })

    test('can be reached', () => {
      assert.equal(storeOf().reachable(), true)
    })
  })
}
