/**
 * One contract for every partition store: memory, memory with a journal, and Redis alone, in a cluster and behind sentinels.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { JournalledStore, MemoryStore, type PartitionStore, type RedisSettings } from '@picket/runtime'
import { startRedis } from '../services/redis.ts'
import { startRedisCluster, startRedisSentinels } from '../services/redis-groups.ts'
import { commitOf, keysOf, put, textOf } from './commits.ts'
import { openedStore } from './opened-store.ts'
import { ownershipContract } from './ownership-contract.ts'
import { valuesContract } from './values-contract.ts'

const memory = new MemoryStore()
const journalled = new JournalledStore({ journal: () => undefined })
for (const contract of [ownershipContract, valuesContract]) {
  contract('in memory', () => memory)
  contract('in memory with a journal', () => journalled)
}

interface Servers {
  readonly settings: Partial<RedisSettings>
  stop(): Promise<void>
}

function redisContract(name: string, start: () => Promise<Servers>): void {
  describe(name, () => {
    let store: PartitionStore | undefined
    let servers: Servers | undefined
    before(async () => {
      servers = await start()
      store = (await openedStore(servers.settings)).store
    })
    after(async () => {
      await store?.close()
      await servers?.stop()
    })
    const storeOf = (): PartitionStore => {
      if (store === undefined) throw new Error('no Redis was started')
      return store
    }
    ownershipContract(name, storeOf)
    valuesContract(name, storeOf)
  })
}

redisContract('in one Redis', async () => {
  const redis = await startRedis()
  return { settings: { url: `redis://${redis.address}/3` }, stop: () => redis.stop() }
})

redisContract('in a Redis Cluster', async () => {
  const cluster = await startRedisCluster()
  return { settings: { cluster: cluster.addresses.slice(0, 2) }, stop: () => cluster.stop() }
})

redisContract('in a Redis behind sentinels', async () => {
  const group = await startRedisSentinels({}, 1)
  return { settings: { sentinels: { name: group.name, nodes: group.addresses } }, stop: () => group.stop() }
})

test('a store in memory forgets a value when its time is over', async () => {
  let now = 0
  const store = new MemoryStore(() => now)
  const { epoch } = await store.claim('packets:0')
  const puts = [put('short', 'x', 1), put('long', 'y', 3)]
  await store.commit('packets:0', commitOf({ epoch, expected: undefined, next: 1, puts }))
  now = 2000
  assert.deepEqual((await store.load('packets:0', ['short', 'long'])).map(textOf), [null, 'y'])
  now = 4000
  assert.deepEqual(await keysOf(store, 'packets:0'), [])
})

test('a closed store in memory refuses everything', async () => {
  const store = new MemoryStore()
  await store.close()
  assert.equal(store.reachable(), false)
  await assert.rejects(store.claim('packets:0'), { name: 'StoreError', reason: 'unreachable' })
})
