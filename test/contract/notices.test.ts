/**
 * One contract for everything that keeps notices, plans and shared values: memory alone, and the store of all responders in memory and in
 * Redis; and what becomes of them when Redis is away or falls back in time.
 */
import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { EMPTY_PLAN } from '@picket/responder'
import { MemoryNoticeQueue, MemoryPlanStore, SharedValue, StoredNotices } from '@picket/responder/main'
import { MemoryStore, type PartitionStore } from '@picket/runtime'
import { redisCli } from '../services/redis-groups.ts'
import { freshName, type SharedService, sharedRedis } from '../services/shared.ts'
import { waitUntil } from '../services/wait-until.ts'
import { noticeOf } from '../telling/notices.ts'
import { noticeQueueContract, planStoreContract } from './notice-contract.ts'
import { openedStore } from './opened-store.ts'
import { sharedNoticesContract } from './shared-notices-contract.ts'
import { sharedValueContract } from './shared-value-contract.ts'
import { endAll, redisFor, storeAt } from './test-bed.ts'

after(endAll)

const queue = new MemoryNoticeQueue()
noticeQueueContract('in memory', () => queue)
const plans = new MemoryPlanStore()
planStoreContract('in memory', () => plans)

function storeContracts(name: string, storeOf: () => PartitionStore): void {
  const notices = (): StoredNotices => new StoredNotices({ store: storeOf(), isSender: () => true })
  noticeQueueContract(name, notices)
  sharedNoticesContract(name, storeOf)
  sharedValueContract(name, storeOf)
}

const memory = new MemoryStore()
storeContracts('in a store in memory', () => memory)

describe('in Redis', () => {
  let redis: SharedService | undefined
  let store: PartitionStore | undefined
  before(async () => {
    redis = await sharedRedis()
    const opened = await openedStore({ url: `redis://${redis.address}`, prefix: `${freshName('notices')}:` })
    store = opened.store
  })
  after(async () => {
    await store?.close()
    await redis?.stop()
  })
  storeContracts('in Redis', () => {
    if (store === undefined) throw new Error('no Redis was started')
    return store
  })
})

test('the queue in memory is bounded, channel by channel', async () => {
  const small = new MemoryNoticeQueue(1)
  assert.equal(await small.put('a', { notice: noticeOf('1'), since: 1 }), 'put')
  assert.equal(await small.put('a', { notice: noticeOf('2'), since: 1 }), 'full')
  assert.equal(await small.put('b', { notice: noticeOf('2'), since: 1 }), 'put')
})

/** What was sent by the plan before. */
async function plan(notices: StoredNotices, sent: readonly number[]): Promise<readonly number[]> {
  const { answer } = await notices.replan('ops', (before = EMPTY_PLAN) => ({
    plan: { ...before, sent },
    leaving: [],
    answer: before.sent,
  }))
  return answer
}

const AWAY = { name: 'StoreError', reason: 'unreachable', retryable: true }

test('while Redis is away notices, plans and shared values fail to be tried again, and all of it is there afterwards', async () => {
  const redis = await redisFor({ appendonly: true, appendfsync: 'always' })
  const store = await storeAt(redis.port, { timeoutSeconds: 0.5 })
  const notices = new StoredNotices({ store, isSender: () => true })
  const value = new SharedValue({ store, partition: 'v', key: 'v', ttlSeconds: 600, empty: 0 })
  await notices.put('ops', { notice: noticeOf('a'), since: 1 })
  await plan(notices, [7])
  await value.update((before) => before + 1)
  await redis.kill()
  await assert.rejects(notices.put('ops', { notice: noticeOf('b'), since: 1 }), AWAY)
  await assert.rejects(notices.next('ops', new Set()), AWAY)
  await assert.rejects(notices.done('ops', 'samplea'), AWAY)
  await assert.rejects(plan(notices, [8]), AWAY)
  await assert.rejects(
    value.update((before) => before + 1),
    AWAY,
  )
  await redis.start()
  await waitUntil(() => store.reachable(), 'the store to be reachable')
  assert.equal((await notices.next('ops', new Set()))?.notice.id, 'samplea')
  assert.equal(await notices.put('ops', { notice: noticeOf('b'), since: 1 }), 'put')
  assert.deepEqual(await plan(notices, [9]), [7])
  assert.equal(await value.update((before) => before + 1), 2)
})

test('when Redis falls back in time queue and plan do so together: what was done since waits again, under its own id', async () => {
  const redis = await redisFor()
  const store = await storeAt(redis.port)
  const notices = new StoredNotices({ store, isSender: () => true })
  await notices.put('ops', { notice: noticeOf('a'), since: 1 })
  await plan(notices, [1])
  redisCli(redis.port, 'SAVE')
  copyFileSync(join(redis.folder, 'dump.rdb'), join(redis.folder, 'kept.rdb'))
  await notices.done('ops', 'samplea')
  await notices.put('ops', { notice: noticeOf('b'), since: 2 })
  await plan(notices, [1, 2])
  await redis.kill()
  copyFileSync(join(redis.folder, 'kept.rdb'), join(redis.folder, 'dump.rdb'))
  await redis.start()
  await waitUntil(() => store.reachable(), 'the store to be reachable')
  assert.deepEqual(
    [(await notices.next('ops', new Set()))?.notice.id, await notices.waiting('ops')],
    ['samplea', 1],
  )
  assert.deepEqual(await plan(notices, [3]), [1])
  // as whoever reads the alerts again does
  assert.equal(await notices.put('ops', { notice: noticeOf('b'), since: 3 }), 'put')
})
