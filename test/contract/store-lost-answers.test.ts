/**
 * Answers that never arrive: whether the commit was written or not, it is written once, and the caller learns what became of it.
 */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { waitUntil } from '../services/wait-until.ts'
import { bytes, commitOf } from './commits.ts'
import { commitNumber, numbered, PARTITION, storedNumber } from './numbered-commits.ts'
import { endAll, proxyTo, redisFor, storeAt } from './test-bed.ts'

after(endAll)

describe('a commit whose answer is lost', () => {
  test('is found to be done when the connection was cut before the answer', async () => {
    const redis = await redisFor()
    const proxy = await proxyTo(redis.port)
    const store = await storeAt(proxy.port)
    const { epoch } = await store.claim(PARTITION)
    await commitNumber(store, epoch, 1)
    proxy.cutNextAnswer()
    assert.deepEqual(await store.commit(PARTITION, numbered(epoch, 2)), { done: true, place: 2 })
    await commitNumber(store, epoch, 3)
    assert.equal(await storedNumber(store), 3)
  })

  test('is found to be done when the offset did not move', async () => {
    const redis = await redisFor()
    const proxy = await proxyTo(redis.port)
    const store = await storeAt(proxy.port)
    const { epoch } = await store.claim(PARTITION)
    await commitNumber(store, epoch, 1)
    proxy.cutNextAnswer()
    const still = commitOf({ epoch, expected: 1, next: 1, outbox: [bytes('x'), bytes('y')] })
    assert.deepEqual(await store.commit(PARTITION, still), { done: true, place: 2 })
    assert.equal((await store.claim(PARTITION)).outbox.length, 3)
  })

  test('is sent again when the connection was cut before Redis got it', async () => {
    const redis = await redisFor()
    const proxy = await proxyTo(redis.port)
    const store = await storeAt(proxy.port, { timeoutSeconds: 1 })
    const { epoch } = await store.claim(PARTITION)
    redis.pause()
    const committing = store.commit(PARTITION, numbered(epoch, 1))
    proxy.cut()
    redis.resume()
    assert.deepEqual(await committing, { done: true, place: 1 })
    assert.equal(await storedNumber(store), 1)
  })

  test('may be given again after an error, and is written once', async () => {
    const redis = await redisFor()
    const proxy = await proxyTo(redis.port)
    const store = await storeAt(proxy.port, { timeoutSeconds: 0.3 })
    const { epoch } = await store.claim(PARTITION)
    await commitNumber(store, epoch, 1)
    proxy.holdAnswers()
    const commit = numbered(epoch, 2)
    await assert.rejects(store.commit(PARTITION, commit), {
      name: 'StoreError',
      reason: 'unreachable',
      retryable: true,
    })
    assert.equal(store.reachable(), false)
    proxy.open()
    proxy.cut()
    await waitUntil(() => store.reachable(), 'the store to be reachable')
    assert.deepEqual(await store.commit(PARTITION, numbered(epoch, 2)), { done: true, place: 2 })
    assert.equal(await storedNumber(store), 2)
  })

  test('stays fenced when another owner has claimed meanwhile', async () => {
    const redis = await redisFor()
    const proxy = await proxyTo(redis.port)
    const store = await storeAt(proxy.port, { timeoutSeconds: 0.3 })
    const { epoch } = await store.claim(PARTITION)
    await commitNumber(store, epoch, 1)
    proxy.holdAnswers()
    await assert.rejects(store.commit(PARTITION, numbered(epoch, 2)), { reason: 'unreachable' })
    const other = await storeAt(redis.port)
    assert.equal(await storedNumber(other), 2)
    proxy.open()
    proxy.cut()
    await waitUntil(() => store.reachable(), 'the store to be reachable')
    assert.deepEqual(await store.commit(PARTITION, numbered(epoch, 2)), { done: false, reason: 'fenced' })
  })
})
