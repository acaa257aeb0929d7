/**
 * What every partition store must do with values, whatever it keeps them in.
 *
 * Each test takes a partition of its own, so one store serves all of them.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PartitionStore } from '@picket/runtime'
import { anyPartition, bytes, commitOf, keysOf, put, textOf } from './commits.ts'

export function valuesContract(name: string, storeOf: () => PartitionStore): void {
  describe(`the values of a partition ${name}`, () => {
    test('replaces values and marks by those of a later commit', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      const mark = { name: 'agent', number: 1, offset: 0 }
      await store.commit(
        partition,
        commitOf({ epoch, expected: undefined, next: 1, puts: [put('a', 'old')], marks: [mark] }),
      )
      const later = { name: 'agent', number: 2, offset: 1 }
      await store.commit(
        partition,
        commitOf({ epoch, expected: 1, next: 2, puts: [put('a', 'new')], marks: [later] }),
      )
      assert.deepEqual((await store.load(partition, ['a'])).map(textOf), ['new'])
      assert.deepEqual((await store.claim(partition)).marks, [later])
    })

    test('keeps any bytes in keys and values', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      const all = String.fromCharCode(...Array.from({ length: 256 }, (_, unit) => unit))
      const puts = ['\0', '\xff', '', all, 's\x01\x02\0\xfe', '*', '[a]', '\\'].map((key) =>
        put(key, `${key}=${all}`),
      )
      await store.commit(
        partition,
        commitOf({ epoch, expected: undefined, next: 1, puts, outbox: [bytes(all), bytes('')] }),
      )
      const keys = puts.map(({ key }) => key)
      assert.deepEqual(
        (await store.load(partition, keys)).map(textOf),
        keys.map((key) => `${key}=${all}`),
      )
      assert.deepEqual(await keysOf(store, partition), [...keys].sort())
      assert.deepEqual(
        (await store.claim(partition)).outbox.map(({ value }) => textOf(value)),
        [all, ''],
      )
    })

    test('keeps an empty value, which is not the same as none', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      await store.commit(partition, commitOf({ epoch, expected: undefined, next: 1, puts: [put('a', '')] }))
      assert.deepEqual((await store.load(partition, ['a', 'b'])).map(textOf), ['', null])
    })

    test('loads in the order of the keys, also many, unknown and repeated ones', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      const puts = Array.from({ length: 1500 }, (_, index) => put(`s${index}`, `value ${index}`))
      await store.commit(partition, commitOf({ epoch, expected: undefined, next: 1, puts }))
      const keys = [...puts.map(({ key }) => key).reverse(), 'none', 's7', 's7']
      const wanted = keys.map((key) => (key === 'none' ? null : `value ${key.slice(1)}`))
      assert.deepEqual((await store.load(partition, keys)).map(textOf), wanted)
    })

    test('notes values for its owner', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      assert.equal(await store.note(partition, epoch, [put('i1', 'open'), put('i2', 'closed')]), true)
      assert.deepEqual((await store.load(partition, ['i1', 'i2'])).map(textOf), ['open', 'closed'])
      assert.equal((await store.claim(partition)).next, undefined)
    })

    test('finds keys by their beginning, and only those of the partition', async () => {
      const [store, partition, other] = [storeOf(), anyPartition(), anyPartition()]
      for (const name of [partition, other]) {
        const { epoch } = await store.claim(name)
        const puts = Array.from({ length: 1200 }, (_, index) => put(`s${index}`, 'x'))
        const all = [...puts, put('t', 'total'), put('i1', 'view')]
        await store.commit(name, commitOf({ epoch, expected: undefined, next: 1, puts: all }))
      }
      assert.equal((await keysOf(store, partition, 's')).length, 1200)
      assert.deepEqual(await keysOf(store, partition, 's119'), [
        's119',
        ...Array.from({ length: 10 }, (_, index) => `s119${index}`),
      ])
      assert.deepEqual(await keysOf(store, partition, 't'), ['t'])
      assert.deepEqual(await keysOf(store, partition, 'x'), [])
    })

    test('takes the beginning of keys for what it is, never for a pattern', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      const puts = ['*', '*a', 'b', '[b]', '?', '\\', '^'].map((key) => put(key, 'x'))
      await store.commit(partition, commitOf({ epoch, expected: undefined, next: 1, puts }))
      assert.deepEqual(await keysOf(store, partition, '*'), ['*', '*a'])
      for (const beginning of ['[b]', '?', '\\', '^']) {
        assert.deepEqual(await keysOf(store, partition, beginning), [beginning])
      }
    })

    test('keeps partitions apart', async () => {
      const [store, partition, other] = [storeOf(), anyPartition(), anyPartition()]
      const mine = await store.claim(partition)
      const theirs = await store.claim(other)
      await store.commit(
        partition,
        commitOf({ epoch: mine.epoch, expected: undefined, next: 5, puts: [put('a', 'mine')] }),
      )
      assert.deepEqual(await store.load(other, ['a']), [null])
      const outcome = await store.commit(
        other,
        commitOf({ epoch: theirs.epoch, expected: undefined, next: 1 }),
      )
      assert.equal(outcome.done, true)
    })

    test('takes a large commit as a whole', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      const puts = Array.from({ length: 1000 }, (_, index) =>
        put(`s${index}`, new Uint8Array(20_000).fill(index & 255)),
      )
      const outcome = await store.commit(partition, commitOf({ epoch, expected: undefined, next: 1, puts }))
      assert.deepEqual(outcome, { done: true, place: 1 })
      const values = await store.load(
        partition,
        puts.map(({ key }) => key),
      )
      assert.ok(values.every((value, index) => value?.length === 20_000 && value[19_999] === (index & 255)))
    })

    test('does not keep the caller’s own bytes', async () => {
      const [store, partition] = [storeOf(), anyPartition()]
      const { epoch } = await store.claim(partition)
      const value = bytes('before')
      await store.commit(
        partition,
        commitOf({ epoch, expected: undefined, next: 1, puts: [put('a', value)], outbox: [value] }),
      )
      value.fill(0)
      assert.deepEqual((await store.load(partition, ['a'])).map(textOf), ['before'])
      assert.deepEqual(
        (await store.claim(partition)).outbox.map((pending) => textOf(pending.value)),
        ['before'],
      )
    })
  })
}
