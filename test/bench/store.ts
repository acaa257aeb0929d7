/**
 * `npm run bench:store`: what the store in Redis costs, in CPU of the client and of Redis, against the plain way; and memory of a million values.
 *
 * The rounds alternate with those of the rival in the same process and on the same server, so that what else the machine does
 * falls on both; the median round of each counts.
 */
import { DEFAULT_REDIS, openStore, type PartitionStore, type Put, type StoreLog } from '@picket/runtime'
import { Redis as Client } from 'ioredis'
import { type Redis, startRedis } from '../services/redis.ts'
import { redisCli } from '../services/redis-groups.ts'
import { report } from './measure.ts'

const VALUES = 500
const VALUE_BYTES = 130
const ROUNDS = 15
const CALLS_A_ROUND = 40
const MILLION = 1_000_000
const TTL = 8 * 86_400
const PARTITION = 'packets:11'
const SILENT = { info() {}, warn() {}, error() {} } as unknown as StoreLog

interface Cost {
  /** Microseconds of CPU for each value. */
  readonly client: number
  readonly redis: number
}

type Way = () => Promise<unknown>

async function costs(redis: Redis, ways: Readonly<Record<string, Way>>): Promise<Record<string, Cost>> {
  const rounds = new Map(Object.keys(ways).map((name) => [name, [] as Cost[]]))
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const cost = await costOf(redis, way)
      // The first warms up.
      if (round >= 0) rounds.get(name)?.push(cost)
    }
  }
  return Object.fromEntries([...rounds].map(([name, all]) => [name, median(all)]))
}

async function costOf(redis: Redis, way: Way): Promise<Cost> {
  const redisBefore = redisCpu(redis)
  const before = process.cpuUsage()
  for (let call = 0; call < CALLS_A_ROUND; call++) await way()
  const { user, system } = process.cpuUsage(before)
  const each = CALLS_A_ROUND * VALUES
  return { client: (user + system) / each, redis: ((redisCpu(redis) - redisBefore) * 1e6) / each }
}

function median(all: readonly Cost[]): Cost {
  const middle = (numbers: number[]): number =>
    numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
  return { client: middle(all.map(({ client }) => client)), redis: middle(all.map(({ redis }) => redis)) }
}

/** Of all its threads, and of the process that rewrites its file. */
function redisCpu(redis: Redis): number {
  const info = redisCli(redis.port, 'INFO', 'cpu')
  const seconds = (name: string): number => Number(new RegExp(`^${name}:([0-9.]+)`, 'm').exec(info)?.[1])
  return seconds('used_cpu_user') + seconds('used_cpu_sys')
}

function putsOf(count: number, first: number): Put[] {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index
    const key = String.fromCharCode(
      115,
      number >>> 24,
      (number >> 16) & 255,
      (number >> 8) & 255,
      number & 255,
    )
    return { key, value: new Uint8Array(VALUE_BYTES).fill(number & 255), ttlSeconds: TTL }
  })
}

function storeAt(redis: Redis): Promise<PartitionStore> {
  return openStore({ ...DEFAULT_REDIS, url: `redis://${redis.address}` }, SILENT)
}

/** Each way handles so many values, or packets, in one call. */
function waysOf(store: PartitionStore, epoch: number, client: Client): Record<string, Way> {
  const puts = putsOf(VALUES, 0)
  const keys = puts.map(({ key }) => key)
  const unknown = keys.map((key) => `x${key}`)
  const rival = puts.map(
    ({ key, value }) =>
      [Buffer.from(`plain:${key}`, 'latin1'), Buffer.from(value.buffer as ArrayBuffer)] as const,
  )
  const sources = puts.map((_, index) => `plain:10.0.${index >> 8}.${index & 255}`)
  let next: number | undefined
  return {
    commit: async () => {
      const expected = next
      next = (next ?? 0) + 1
      const commit = {
        epoch,
        expected,
        next,
        puts,
        marks: [{ name: 'agent', number: next, offset: next }],
        outbox: [],
      }
      const outcome = await store.commit(PARTITION, commit)
      if (!outcome.done) throw new Error(`the commit was ${outcome.reason}`)
    },
    load: () => store.load(PARTITION, keys),
    loadUnknown: () => store.load(PARTITION, unknown),
    set: () =>
      rival.reduce((pipeline, [key, value]) => pipeline.set(key, value, 'EX', TTL), client.pipeline()).exec(),
    hincrby: () =>
      sources.reduce((pipeline, source) => pipeline.hincrby(source, 'packets', 1), client.pipeline()).exec(),
    mget: () => client.mgetBuffer(rival.map(([key]) => key)),
  }
}

async function benchCosts(aof: 'off' | 'everysec'): Promise<void> {
  const redis = await startRedis({ appendonly: aof === 'everysec' })
  const store = await storeAt(redis)
  const client = new Client(redis.port, '127.0.0.1', { protocol: 2 })
  const { epoch } = await store.claim(PARTITION)
  const all = await costs(redis, waysOf(store, epoch, client))
  const of = (name: string): Cost => all[name] ?? { client: Number.NaN, redis: Number.NaN }
  for (const [name, plain, plainly] of [
    ['commit', 'set', 'a pipeline of one SET with EX for each value'],
    ['commit', 'hincrby', 'a pipeline of one HINCRBY for each packet'],
    ['load', 'mget', 'one MGET'],
    ['loadUnknown', 'mget', 'one MGET that finds everything'],
  ] as const) {
    const [ours, theirs] = [of(name), of(plain)]
    report(`store ${name}`, {
      ratio: theirs.client / ours.client,
      meaning: `client CPU of ${plainly} over ours`,
      clientMicroseconds: ours.client,
      plainClientMicroseconds: theirs.client,
      redisMicroseconds: ours.redis,
      plainRedisMicroseconds: theirs.redis,
      values: VALUES,
      bytes: VALUE_BYTES,
      aof,
    })
  }
  client.disconnect()
  await store.close()
  await redis.stop()
}

async function benchMemory(): Promise<void> {
  const redis = await startRedis()
  const store = await storeAt(redis)
  const { epoch } = await store.claim(PARTITION)
  const before = usedMemory(redis)
  for (let at = 0; at < MILLION; at += VALUES) {
    const expected = at === 0 ? undefined : at
    const commit = { epoch, expected, next: at + VALUES, puts: putsOf(VALUES, at), marks: [], outbox: [] }
    await store.commit(PARTITION, commit)
  }
  const used = usedMemory(redis)
  report('store memory', {
    usedMegabytes: used / 1e6,
    bytesPerValue: (used - before) / MILLION,
    values: MILLION,
    bytes: VALUE_BYTES,
    limitMegabytes: 450,
  })
  await store.close()
  await redis.stop()
}

function usedMemory(redis: Redis): number {
  return Number(/^used_memory:(\d+)/m.exec(redisCli(redis.port, 'INFO', 'memory'))?.[1])
}

await benchCosts('off')
await benchCosts('everysec')
await benchMemory()
