/**
 * A Redis that refuses or is away for a while: the caller is told why and whether to try again, and nothing is half written.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, describe, test } from 'node:test'
import { redisCli } from '../services/redis-groups.ts'
import { waitUntil } from '../services/wait-until.ts'
import { commitOf, put, textOf } from './commits.ts'
import { commitNumber, numbered, PARTITION, storedNumber } from './numbered-commits.ts'
import { endAll, redisFor, storeAt, storeFor } from './test-bed.ts'

after(endAll)

const FULL = { name: 'StoreError', reason: 'full', retryable: true }

async function spawnScript(port: number, lua: string): Promise<void> {
  const child = spawn('redis-cli', ['-p', String(port), 'EVAL', lua, '0'], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('exit', resolve))
}

describe('a Redis that refuses for a while', () => {
  test('because its memory is full has nothing half written, and goes on when there is room', async () => {
    const redis = await redisFor()
    const store = await storeAt(redis.port)
    const { epoch } = await store.claim(PARTITION)
    await commitNumber(store, epoch, 1)
    redisCli(redis.port, 'CONFIG', 'SET', 'maxmemory', '500kb')
    await assert.rejects(store.commit(PARTITION, numbered(epoch, 2)), FULL)
    assert.equal(store.reachable(), false)
    assert.deepEqual((await store.load(PARTITION, ['a', 'b'])).map(textOf), ['1', '1'])
    assert.equal(await store.trim(PARTITION, epoch, 1), true, 'trimming makes room and is allowed')
    redisCli(redis.port, 'CONFIG', 'SET', 'maxmemory', '100mb')
    await waitUntil(() => store.reachable(), 'the store to be reachable')
    assert.deepEqual(await store.commit(PARTITION, numbered(epoch, 2)), { done: true, place: 2 })
    const { next, outbox } = await store.claim(PARTITION)
    assert.deepEqual([next, outbox.map(({ place }) => place)], [2, [2]])
  })

  test('because it has become a replica says so, and takes the commit when it is master again', async () => {
    const redis = await redisFor()
    const store = await storeAt(redis.port)
    const { epoch } = await store.claim(PARTITION)
    redisCli(redis.port, 'REPLICAOF', '127.0.0.1', '1')
    await assert.rejects(store.commit(PARTITION, numbered(epoch, 1)), {
      reason: 'read-only',
      retryable: true,
    })
    assert.equal(store.reachable(), false)
    redisCli(redis.port, 'REPLICAOF', 'NO', 'ONE')
    await waitUntil(() => store.reachable(), 'the store to be reachable')
    await commitNumber(store, epoch, 1)
  })

  test('because a script keeps it busy says so', async () => {
    const redis = await redisFor({ directives: { 'lua-time-limit': '50' } })
    const store = await storeAt(redis.port)
    const { epoch } = await store.claim(PARTITION)
    const script = spawnScript(redis.port, 'while true do end')
    await waitUntil(async () => {
      const outcome = await store.load(PARTITION, ['a']).catch((error: unknown) => error)
      return outcome instanceof Error && 'reason' in outcome && outcome.reason === 'busy'
    }, 'the store to be refused')
    await assert.rejects(store.commit(PARTITION, numbered(epoch, 1)), { reason: 'busy', retryable: true })
    redisCli(redis.port, 'SCRIPT', 'KILL')
    await script
    await waitUntil(() => store.reachable(), 'the store to be reachable')
    assert.equal((await store.commit(PARTITION, numbered(epoch, 1))).done, true)
  })

  test('because it forgot the scripts is sent them again', async () => {
    const redis = await redisFor()
    const store = await storeAt(redis.port)
    const { epoch } = await store.claim(PARTITION)
    await commitNumber(store, epoch, 1)
    redisCli(redis.port, 'SCRIPT', 'FLUSH')
    await commitNumber(store, epoch, 2)
    assert.equal(await storedNumber(store), 2)
  })

  test('because it hangs makes a call fail in time, and is used again when it answers', async () => {
    const redis = await redisFor()
    const store = await storeAt(redis.port, { timeoutSeconds: 0.2 })
    const { epoch } = await store.claim(PARTITION)
    redis.pause()
    await assert.rejects(store.load(PARTITION, ['a']), { reason: 'unreachable', retryable: true })
    assert.equal(store.reachable(), false)
    redis.resume()
    await waitUntil(() => store.reachable(), 'the store to be reachable')
    await commitNumber(store, epoch, 1)
  })
})

test('a store is opened although Redis is away, and says so until it comes', async () => {
  const redis = await redisFor()
  await redis.kill()
  const { store, said } = await storeFor({ url: `redis://${redis.address}` })
  assert.equal(store.reachable(), false)
  assert.match(said.join('\n'), /warn: Redis cannot be reached/)
  await assert.rejects(store.claim(PARTITION), { reason: 'unreachable', message: /ECONNREFUSED/ })
  await redis.start()
  await waitUntil(() => store.reachable(), 'the store to be reachable')
  assert.equal((await store.claim(PARTITION)).next, undefined)
  assert.match(said.join('\n'), /info: Redis is connected again/)
})

test('Redis forgets a value when its time is over', async () => {
  const redis = await redisFor()
  const store = await storeAt(redis.port)
  const { epoch } = await store.claim(PARTITION)
  const puts = [put('short', 'x', 0.5), put('long', 'y', 60)]
  await store.commit(PARTITION, commitOf({ epoch, expected: undefined, next: 1, puts }))
  await waitUntil(async () => (await store.load(PARTITION, ['short']))[0] === null, 'the value to be gone')
  assert.deepEqual((await store.load(PARTITION, ['long'])).map(textOf), ['y'])
})
