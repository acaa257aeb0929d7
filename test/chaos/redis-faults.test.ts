/** F15 to F18: Redis dies, falls back in time, forgets everything, is replaced by one that lags, or refuses to work. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { TcpProxy } from '../contract/tcp-proxy.ts'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import type { RealFleet } from '../fleet/real-fleet.ts'
import { type Redis, startRedis } from '../services/redis.ts'
import { redisCli } from '../services/redis-groups.ts'
import { waitUntil } from '../services/wait-until.ts'
import { unready, working } from './lives.ts'
import { shareBroker } from './shared-broker.ts'
import { ALL, turmoil, type World } from './turmoil.ts'

const shared = shareBroker()
const TIMES = ALL ? 50 : 3
const redis = { appendonly: true, appendfsync: 'everysec' } as const

async function ready({ detectors }: World): Promise<void> {
  for (const detector of detectors) await detector.ready()
}

/** Where the partitions stand in Redis. */
async function positionsOf(fleet: RealFleet): Promise<number[]> {
  const store = await fleet.store()
  const positions: number[] = []
  for (let partition = 0; partition < fleet.partitions; partition++) {
    positions.push((await store.position(`packets:${partition}`)) ?? 0)
  }
  return positions
}

describe('Redis', { concurrency: 3 }, () => {
  test(`F15 killed ${TIMES} times with an append-only file of every second: the same is found`, async () => {
    const killRedis = async (world: World): Promise<void> => {
      await working(world.detectors[0] as FleetProcess)
      await pause(world.random.between(0, 200))
      await world.fleet.redis.kill()
      await world.fleet.redis.start()
      await ready(world)
    }
    await turmoil({ seed: 15, times: TIMES, fault: killRedis, fleet: { ...shared(), redis } })
  })

  test(`F15b cut back in time ${TIMES} times, also within a command: the same is found`, async () => {
    let cut = 0
    const cutBack = async (world: World): Promise<void> => {
      const { fleet, random } = world
      await fleet.settled()
      await fleet.redis.kill()
      cut += cutTail(fleet.redis, random.between(1, 200_000))
      await fleet.redis.start()
      await ready(world)
    }
    const check = async (): Promise<void> => assert.ok(cut > 0)
    const fleet = { ...shared(), redis }
    // The last cut comes after the last packet.
    await turmoil({ seed: 150, times: TIMES, fault: cutBack, mend: cutBack, check, fleet })
  })

  test('F16 emptied while a topic stands: all is rebuilt from Kafka, and said loudly', async () => {
    const flush = async ({ fleet }: World): Promise<void> => {
      await fleet.settled()
      redisCli(fleet.redis.port, 'FLUSHALL')
    }
    await turmoil({
      seed: 16,
      times: ALL ? 10 : 2,
      fault: flush,
      // once more, when nothing comes after it
      mend: flush,
      fleet: { ...shared(), redis },
      check: async ({ fleet, detectors: [detector] }) => {
        const rebuilds = (await detector?.metric('picket_detector_rebuilds_total')) ?? 0
        assert.ok(rebuilds >= fleet.partitions, `${rebuilds} rebuilds`)
        assert.match(detector?.wholeLog() ?? '', /"level":"warn".*everything is rebuilt from offset 0/)
      },
    })
  })

  test('F17 replaced by a replica that lags: state and offset fall back together, and the same is found', async () => {
    let proxy: TcpProxy | undefined
    let replica: Redis | undefined
    const redisAddress = async (master: Redis): Promise<string> => {
      proxy = await TcpProxy.to(master.port)
      replica = await startRedis({ ...redis, replicaOf: master })
      return `127.0.0.1:${proxy.port}`
    }
    const cutLink = async (port: number): Promise<void> => {
      await waitUntil(
        () => redisCli(port, 'INFO', 'replication').includes('master_link_status:up'),
        'the replica',
      )
      redisCli(port, 'REPLICAOF', 'NO', 'ONE')
    }
    // What the master is told between the two faults the replica never hears.
    let atCut: number[] = []
    const cutAndFailOver = async ({ fleet }: World): Promise<void> => {
      if (atCut.length === 0) {
        await fleet.settled()
        await cutLink(replica?.port ?? 0)
        atCut = await positionsOf(fleet)
        return
      }
      const hasMovedOn = async (): Promise<boolean> =>
        (await positionsOf(fleet)).every((position, i) => position > (atCut[i] ?? 0))
      await waitUntil(hasMovedOn, 'the master to know more than the replica')
      proxy?.turnTo(replica?.port ?? 0)
    }
    const fleet = { ...shared(), redis, redisAddress }
    try {
      await turmoil({
        seed: 17,
        times: 2,
        fault: cutAndFailOver,
        check: async ({ fleet: { partitions }, detectors: [detector] }) => {
          const names = ['refused_commits', 'displaced'].map((name) => `picket_detector_${name}_total`)
          const counts = await Promise.all(names.map((name) => detector?.metric(name)))
          const noticed = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
          assert.ok(noticed >= partitions, `that Redis fell back was noticed ${noticed} times only`)
        },
        fleet,
      })
    } finally {
      await proxy?.stop()
      await replica?.stop()
    }
  })

  const refusals: Record<string, { begin(port: number): void; end(port: number): void }> = {
    'is full': {
      begin: (port) => redisCli(port, 'CONFIG', 'SET', 'maxmemory', '1mb'),
      end: (port) => redisCli(port, 'CONFIG', 'SET', 'maxmemory', '0'),
    },
    'may only be read': {
      begin: (port) => redisCli(port, 'REPLICAOF', '127.0.0.1', '1'),
      end: (port) => redisCli(port, 'REPLICAOF', 'NO', 'ONE'),
    },
    'is busy with a script': {
      begin: (port) => {
        execFile('redis-cli', ['-p', String(port), 'EVAL', 'while true do end', '0']).on(
          'error',
          () => undefined,
        )
      },
      end: (port) => redisCli(port, 'SCRIPT', 'KILL'),
    },
  }
  for (const [what, { begin, end }] of Object.entries(refusals)) {
    test(`F18 one that ${what} is waited for, nothing is committed ahead, and the same is found`, async () => {
      const refuse = async (world: World): Promise<void> => {
        const { fleet, detectors } = world
        begin(fleet.redis.port)
        await unready(detectors[0] as FleetProcess)
        end(fleet.redis.port)
        await ready(world)
      }
      const directives = { 'busy-reply-threshold': '100' }
      const fleet = { ...shared(), redis: { ...redis, directives } }
      await turmoil({ seed: 18, times: ALL ? 5 : 1, fault: refuse, fleet })
    })
  }
})

/** As a machine does that lost its power. Answers with how many bytes went. */
function cutTail({ folder }: Redis, most: number): number {
  const files = join(folder, 'appendonlydir')
  const last = readdirSync(files).find((name) => name.endsWith('.incr.aof'))
  if (last === undefined) throw new Error('there is no append-only file')
  const { size } = statSync(join(files, last))
  const kept = Math.max(0, size - most)
  truncateSync(join(files, last), kept)
  return size - kept
}
