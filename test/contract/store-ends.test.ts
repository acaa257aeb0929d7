/**
 * A Redis that ends, forgets or is followed by another: state and offset stay together, or go back in time together.
 */
import assert from 'node:assert/strict'
import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { Redis } from '../services/redis.ts'
import { redisCli, startRedisCluster, startRedisSentinels } from '../services/redis-groups.ts'
import { waitUntil } from '../services/wait-until.ts'
import { commitNumber, numbered, PARTITION, storedNumber } from './numbered-commits.ts'
import { endAll, endLater, proxyTo, redisFor, storeAt, storeFor } from './test-bed.ts'

after(endAll)

/** As when the machine died with the last bytes still in its cache. */
function cutTail(folder: string, size: number): void {
  const parts = join(folder, 'appendonlydir')
  const [file] = readdirSync(parts).filter((name) => name.endsWith('.incr.aof'))
  if (file === undefined) throw new Error(`no append-only file in ${parts}`)
  truncateSync(join(parts, file), statSync(join(parts, file)).size - size)
}

async function replicated(replica: Redis, number: number): Promise<void> {
  const offset = (): string => redisCli(replica.port, 'HGET', `picket:{${PARTITION}}m`, 'n').trim()
  await waitUntil(() => offset() === String(number), 'the replica to follow')
}

describe('a Redis that ends', () => {
  test('by SIGKILL has state and offset of one commit when it is back', async () => {
    const redis = await redisFor({ appendonly: true, appendfsync: 'everysec' })
    const store = await storeAt(redis.port)
    const { epoch } = await store.claim(PARTITION)
    for (let number = 1; number <= 50; number++) await commitNumber(store, epoch, number)
    await redis.kill()
    await assert.rejects(store.claim(PARTITION), {
      name: 'StoreError',
      reason: 'unreachable',
      retryable: true,
    })
    assert.equal(store.reachable(), false)
    await redis.start()
    await waitUntil(() => store.reachable(), 'the store to be reachable')
    assert.equal(await storedNumber(store), 50)
  })

  test('with its last write torn has state and offset of the commit before, again after the next start', async () => {
    const redis = await redisFor({ appendonly: true, appendfsync: 'always' })
    const store = await storeAt(redis.port)
    const { epoch } = await store.claim(PARTITION)
    for (let number = 1; number <= 5; number++) await commitNumber(store, epoch, number)
    await redis.kill()
    cutTail(redis.folder, 7)
    await redis.start()
    await waitUntil(() => store.reachable(), 'the store to be reachable')
    assert.equal(await storedNumber(store), 4)
    const { epoch: later } = await store.claim(PARTITION)
    await commitNumber(store, later, 5)
    await redis.kill()
    await redis.start()
    await waitUntil(() => store.reachable(), 'the store to be reachable')
    assert.equal(await storedNumber(store), 5)
  })

  test('refuses its owner after FLUSHALL, and the next one begins with nothing', async () => {
    const redis = await redisFor()
    const store = await storeAt(redis.port)
    const { epoch } = await store.claim(PARTITION)
    await commitNumber(store, epoch, 1)
    redisCli(redis.port, 'FLUSHALL')
    assert.deepEqual(await store.commit(PARTITION, numbered(epoch, 2)), { done: false, reason: 'fenced' })
    const again = await store.claim(PARTITION)
    assert.equal(again.next, undefined)
    assert.ok(again.epoch > epoch, 'an epoch given out before is never given out again')
  })

  test('takes state and offset back in time together when a lagging replica follows it', async () => {
    const master = await redisFor({ directives: { 'repl-diskless-sync-delay': '0' } })
    const replica = await redisFor({ replicaOf: master })
    const proxy = await proxyTo(master.port)
    const store = await storeAt(proxy.port)
    const { epoch } = await store.claim(PARTITION)
    for (let number = 1; number <= 3; number++) await commitNumber(store, epoch, number)
    await replicated(replica, 3)
    redisCli(replica.port, 'REPLICAOF', 'NO', 'ONE')
    for (let number = 4; number <= 6; number++) await commitNumber(store, epoch, number)
    proxy.turnTo(replica.port)
    await waitUntil(() => !store.reachable(), 'the store to notice')
    await waitUntil(() => store.reachable(), 'the store to be reachable')
    assert.deepEqual(await store.commit(PARTITION, numbered(epoch, 7)), { done: false, reason: 'moved' })
    assert.equal(await storedNumber(store), 3)
  })
})

test('behind sentinels the store follows the master to the replica', async () => {
  const group = await startRedisSentinels({ directives: { 'repl-diskless-sync-delay': '0' } }, 1)
  endLater(() => group.stop())
  const { store } = await storeFor({
    sentinels: { name: group.name, nodes: group.addresses },
    timeoutSeconds: 1,
  })
  const { epoch } = await store.claim(PARTITION)
  await commitNumber(store, epoch, 1)
  await replicated(group.replica, 1)
  await group.master.kill()
  await waitUntil(() => group.masterPort() === group.replica.port, 'the failover')
  await waitUntil(() => store.reachable(), 'the store to be reachable')
  assert.deepEqual(await store.commit(PARTITION, numbered(epoch, 2)), { done: true, place: 2 })
  assert.equal(await storedNumber(store), 2)
})

test('in a cluster the store loses only the partitions of a node that is away', async () => {
  const cluster = await startRedisCluster(3, { directives: { 'cluster-require-full-coverage': 'no' } })
  endLater(() => cluster.stop())
  const { store } = await storeFor({ cluster: cluster.addresses, timeoutSeconds: 0.5 })
  const { epoch } = await store.claim(PARTITION)
  await commitNumber(store, epoch, 1)
  const owner = cluster.nodes.find(
    ({ port }) => !redisCli(port, 'GET', `picket:{${PARTITION}}va`).startsWith('MOVED'),
  )
  const other = ['packets:0', 'packets:1', 'packets:2', 'packets:4'].find(
    (name) => owner !== undefined && redisCli(owner.port, 'GET', `picket:{${name}}va`).startsWith('MOVED'),
  )
  assert.ok(owner !== undefined && other !== undefined)
  owner.pause()
  await assert.rejects(store.commit(PARTITION, numbered(epoch, 2)), { retryable: true })
  assert.equal(store.reachable(), false)
  assert.equal((await store.claim(other)).next, undefined)
  owner.resume()
  await waitUntil(() => store.reachable(), 'the store to be reachable')
  assert.deepEqual(await store.commit(PARTITION, numbered(epoch, 2)), { done: true, place: 2 })
  assert.equal(await storedNumber(store), 2)
})
