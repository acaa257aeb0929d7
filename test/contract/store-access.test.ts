/**
 * Who may use Redis and how: the rights that are enough, passwords that change, TLS, and set-ups that lose state in silence.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { DEFAULT_REDIS, type PartitionStore, REDIS_RIGHTS, redisUserLine, StoreError } from '@picket/runtime'
import { REPOSITORY } from '../places.ts'
import { makeAuthority } from '../services/certificates.ts'
import type { Redis } from '../services/redis.ts'
import { redisCli, startRedisCluster } from '../services/redis-groups.ts'
import { waitUntil } from '../services/wait-until.ts'
import { commitOf, keysOf, put } from './commits.ts'
import { commitNumber, numbered, PARTITION, storedNumber } from './numbered-commits.ts'
import { endAll, endLater, redisFor, storeAt, storeFor } from './test-bed.ts'

after(endAll)

const ADMIN = 'default on nopass ~* &* +@all'
/** Without the word `user`, as the ACL command takes it. */
const PICKET = redisUserLine('picket', DEFAULT_REDIS).split(' ').slice(1)

function passwordFile(redis: Redis, password: string): string {
  const file = join(redis.folder, 'password')
  writeFileSync(file, `${password}\n`)
  return file
}

/** Every operation of the store, once. */
async function useAll(store: PartitionStore): Promise<void> {
  const { epoch } = await store.claim(PARTITION)
  await commitNumber(store, epoch, 1)
  assert.equal(await store.note(PARTITION, epoch, [put('i', 'view')]), true)
  assert.deepEqual(await keysOf(store, PARTITION), ['a', 'b', 'i'])
  assert.equal(await storedNumber(store), 1)
  const again = await store.claim(PARTITION)
  assert.equal(await store.trim(PARTITION, again.epoch, 1), true)
}

describe('the ACL user of the documentation', () => {
  test('may do all that Picket does, and nothing outside its prefix', async () => {
    const redis = await redisFor({ users: [ADMIN] })
    redisCli(redis.port, 'ACL', 'SETUSER', ...PICKET, '>secret')
    const access = {
      url: `redis://${redis.address}`,
      username: 'picket',
      passwordFile: passwordFile(redis, 'secret'),
    }
    const { store, said } = await storeFor(access)
    await useAll(store)
    assert.equal(store.reachable(), true)
    assert.doesNotMatch(said.join('\n'), /INFO/)
    const elsewhere = await storeFor({ ...access, prefix: 'other:' })
    await assert.rejects(elsewhere.store.claim(PARTITION), { reason: 'denied', retryable: false })
  })

  test('is refused at the claim when it lacks a right that a commit needs', async () => {
    const redis = await redisFor({ users: [ADMIN] })
    redisCli(redis.port, 'ACL', 'SETUSER', ...PICKET, 'nopass')
    const file = passwordFile(redis, 'any')
    const { store } = await storeFor({
      url: `redis://${redis.address}`,
      username: 'picket',
      passwordFile: file,
    })
    for (const right of [
      'hmget',
      'hgetall',
      'hset',
      'setex',
      'rpush',
      'llen',
      'lrange',
      'ltrim',
      'evalsha',
    ]) {
      assert.ok(REDIS_RIGHTS.includes(right))
      redisCli(redis.port, 'ACL', 'SETUSER', 'picket', `-${right}`)
      await assert.rejects(store.claim(PARTITION), { name: 'StoreError', reason: 'denied' }, right)
      redisCli(redis.port, 'ACL', 'SETUSER', 'picket', `+${right}`)
    }
    assert.deepEqual((await store.claim(PARTITION)).outbox, [], 'a refused claim leaves nothing behind')
  })

  test('with a wrong password is denied, which trying again does not mend', async () => {
    const redis = await redisFor({ users: [ADMIN] })
    redisCli(redis.port, 'ACL', 'SETUSER', ...PICKET, '>secret')
    const file = passwordFile(redis, 'wrong')
    const { store } = await storeFor({
      url: `redis://${redis.address}`,
      username: 'picket',
      passwordFile: file,
    })
    await assert.rejects(store.claim(PARTITION), { reason: 'denied', retryable: false, message: /WRONGPASS/ })
    assert.equal(store.reachable(), false)
  })

  test('gets in again with the new password of its file', async () => {
    const redis = await redisFor({ users: [ADMIN] })
    redisCli(redis.port, 'ACL', 'SETUSER', ...PICKET, '>old')
    const file = passwordFile(redis, 'old')
    const { store } = await storeFor({
      url: `redis://${redis.address}`,
      username: 'picket',
      passwordFile: file,
    })
    await store.claim(PARTITION)
    redisCli(redis.port, 'ACL', 'SETUSER', 'picket', 'resetpass', '>new')
    writeFileSync(file, 'new')
    redisCli(redis.port, 'CLIENT', 'KILL', 'USER', 'picket')
    await waitUntil(async () => {
      const claim = await store.claim(PARTITION).catch(() => undefined)
      return claim !== undefined
    }, 'the store to be let in')
  })
})

describe('the same user in a Redis Cluster', () => {
  test('has rights enough, and gets in again with the new password of its file', async () => {
    const cluster = await startRedisCluster(3, { users: [ADMIN] })
    endLater(() => cluster.stop())
    const everywhere = (...command: readonly string[]): void => {
      for (const { port } of cluster.nodes) redisCli(port, ...command)
    }
    everywhere('ACL', 'SETUSER', ...PICKET, '>old')
    const [first] = cluster.nodes
    assert.ok(first !== undefined)
    const file = passwordFile(first, 'old')
    const access = { cluster: cluster.addresses, username: 'picket', passwordFile: file }
    const { store } = await storeFor(access)
    await useAll(store)
    everywhere('ACL', 'SETUSER', 'picket', 'resetpass', '>new')
    everywhere('CLIENT', 'KILL', 'USER', 'picket')
    await waitUntil(() => store.claim(PARTITION).then(() => false, isDenied), 'the store to be refused')
    writeFileSync(file, 'new')
    await waitUntil(
      () =>
        store.claim(PARTITION).then(
          () => true,
          () => false,
        ),
      'the store to be let in',
    )
    assert.equal((await store.claim(PARTITION)).next, 1)
  })
})

function isDenied(error: unknown): boolean {
  return error instanceof StoreError && error.reason === 'denied'
}

describe('a Redis with TLS', () => {
  test('is used when its certificate is of the configured authority', async () => {
    const redis = await redisFor({ tls: true })
    const { store } = await storeFor({ url: `rediss://${redis.address}`, tls: { ca: redis.authority?.cert } })
    await useAll(store)
  })

  test('of another authority is not used, and the log says why', async () => {
    const redis = await redisFor({ tls: true })
    const other = makeAuthority(join(redis.folder, 'other'))
    const { store, said } = await storeFor({ url: `rediss://${redis.address}`, tls: { ca: other.cert } })
    await assert.rejects(store.claim(PARTITION), { reason: 'unreachable', message: /certificate/ })
    assert.match(said.join('\n'), /Redis cannot be reached/)
  })
})

describe('a Redis that would forget', () => {
  test('is refused while it evicts keys at its limit', async () => {
    const redis = await redisFor({ maxmemory: '50mb', directives: { 'maxmemory-policy': 'allkeys-lru' } })
    const { store, said } = await storeFor({ url: `redis://${redis.address}` })
    await assert.rejects(store.claim(PARTITION), {
      reason: 'broken',
      message: /maxmemory-policy allkeys-lru/,
    })
    assert.equal(store.reachable(), false)
    assert.match(said.join('\n'), /error: .*set it to noeviction/)
    redisCli(redis.port, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    await waitUntil(() => store.reachable(), 'the store to be used')
    await useAll(store)
  })

  test('for want of an append-only file is used with a warning', async () => {
    const redis = await redisFor()
    const { said } = await storeFor({ url: `redis://${redis.address}` })
    assert.match(said.join('\n'), /warn: .*keeps no append-only file/)
    const kept = await redisFor({ appendonly: true })
    assert.deepEqual((await storeFor({ url: `redis://${kept.address}` })).said, [])
  })

  test('and does not tell how it is set up is used with a warning', async () => {
    const redis = await redisFor({ users: [ADMIN] })
    redisCli(redis.port, 'ACL', 'SETUSER', ...PICKET, 'nopass', '-info')
    const file = passwordFile(redis, 'any')
    const { store, said } = await storeFor({
      url: `redis://${redis.address}`,
      username: 'picket',
      passwordFile: file,
    })
    assert.match(said.join('\n'), /warn: .*does not let us read INFO/)
    await useAll(store)
  })
})

test('a commit that Redis could not take apart is refused before it is sent', async () => {
  const redis = await redisFor()
  const store = await storeAt(redis.port)
  const { epoch } = await store.claim(PARTITION)
  const refused = [
    put('a', 'x', 0),
    put('a', 'x', Number.NaN),
    put('\u0100', 'x'),
    put('k'.repeat(70_000), 'x'),
  ]
  for (const bad of refused) {
    const commit = commitOf({ epoch, expected: undefined, next: 1, puts: [put('first', 'x'), bad] })
    await assert.rejects(store.commit(PARTITION, commit), RangeError)
  }
  assert.deepEqual(await store.load(PARTITION, ['first']), [null])
  assert.equal((await store.commit(PARTITION, numbered(epoch, 1))).done, true)
})

test('a closed store refuses everything', async () => {
  const redis = await redisFor()
  const store = await storeAt(redis.port)
  await store.close()
  assert.equal(store.reachable(), false)
  await assert.rejects(store.claim(PARTITION), { name: 'StoreError', reason: 'unreachable' })
})

test('docs/redis.md names the rights of the user as they are', () => {
  const page = readFileSync(join(REPOSITORY, 'docs', 'redis.md'), 'utf8')
  assert.ok(page.includes(`\n${redisUserLine('picket', DEFAULT_REDIS)}\n`))
})
