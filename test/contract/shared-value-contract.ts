/**
 * What a value that any responder may change must do, whatever store it lies in.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SharedValue } from '@picket/responder/main'
import type { PartitionStore } from '@picket/runtime'
import { freshName } from '../services/shared.ts'

const EACH = 15

function valueIn(store: PartitionStore, partition: string): SharedValue<readonly string[]> {
  return new SharedValue<readonly string[]>({ store, partition, key: 'v', ttlSeconds: 600, empty: [] })
}

export function sharedValueContract(name: string, storeOf: () => PartitionStore): void {
  describe(`a shared value ${name}`, () => {
    test('is what was last written, by whomever, and empty before', async () => {
      const partition = freshName('value')
      const [one, other] = [valueIn(storeOf(), partition), valueIn(storeOf(), partition)]
      assert.deepEqual(await one.read(), [])
      assert.deepEqual(await one.update((before) => [...before, 'ü\u202e']), ['ü\u202e'])
      assert.deepEqual(await other.update((before) => [...before, 'b']), ['ü\u202e', 'b'])
      assert.deepEqual(await one.read(), ['ü\u202e', 'b'])
    })

    test('loses no change of several that are made at once', async () => {
      const partition = freshName('value')
      const all = [valueIn(storeOf(), partition), valueIn(storeOf(), partition)]
      const changes = all.flatMap((value, who) =>
        Array.from({ length: EACH }, (_, n) => value.update((before) => [...before, `${who}.${n}`])),
      )
      await Promise.all(changes)
      const wanted = all.flatMap((_, who) => Array.from({ length: EACH }, (_, n) => `${who}.${n}`))
      assert.deepEqual([...(await valueIn(storeOf(), partition).read())].sort(), wanted.sort())
    })

    test('is not written when nothing changes, and a change that throws is told and changes nothing', async () => {
      const partition = freshName('value')
      const value = valueIn(storeOf(), partition)
      await value.update(() => ['a'])
      assert.deepEqual(await value.update((before) => before), ['a'])
      const failing = value.update(() => {
        throw new Error('no')
      })
      await assert.rejects(failing, /^Error: no$/)
      assert.deepEqual(await value.update((before) => [...before, 'b']), ['a', 'b'])
    })

    test('that cannot be read counts as empty, and can be written again', async () => {
      const partition = freshName('value')
      const store = storeOf()
      const { epoch } = await store.claim(partition)
      await store.note(partition, epoch, [
        { key: 'v', value: new TextEncoder().encode('{"torn'), ttlSeconds: 600 },
      ])
      const value = valueIn(store, partition)
      assert.deepEqual(await value.read(), [])
      assert.deepEqual(await value.update((before) => [...before, 'a']), ['a'])
    })
  })
}
