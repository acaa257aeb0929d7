/**
 * F45: everything that can happen, mixed by the seed, for some minutes; and in the end the same is found.
 *
 * `npm run chaos -- --seed N --minutes M` plays it.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { redisCli } from '../services/redis-groups.ts'
import { killOne, reviveAll, working } from './lives.ts'
import { addDetector, ONLY_ALL, turmoil, type World } from './turmoil.ts'

const MINUTES = Number(process.env['PICKET_CHAOS_MINUTES'] ?? 3)
/** About so many fit into a minute. */
const FAULTS_A_MINUTE = 15
const PACKETS_A_FAULT = 2_000
/** Of one process at its end, whatever has happened. */
const MOST_MB = 400
const MOST_FILES = 100

const FAULTS: Readonly<Record<string, (world: World) => Promise<void>>> = {
  'a detector is killed': killOne,
  'a detector stops': async ({ detectors, random }) => {
    const detector = random.pick(detectors)
    await detector.stop()
    detector.start()
  },
  'a detector is added': async ({ fleet, detectors }) => {
    if (detectors.length >= 4) return
    const detector = await addDetector(fleet)
    detectors.push(detector)
    detector.start()
  },
  'a detector sleeps': async ({ detectors, random }) => {
    const detector = random.pick(detectors)
    detector.signal('SIGSTOP')
    await pause(random.between(100, 9_000))
    detector.signal('SIGCONT')
  },
  'Redis is killed': async ({ fleet: { redis } }) => {
    await redis.kill()
    await redis.start()
  },
  'Redis sleeps': async ({ fleet: { redis }, random }) => {
    redis.pause()
    await pause(random.between(100, 7_000))
    redis.resume()
  },
  'Redis is emptied': async ({ fleet: { redis } }) => {
    redisCli(redis.port, 'FLUSHALL')
  },
  'the broker is killed': async ({ fleet: { kafka } }) => {
    await kafka.kill()
    await kafka.start()
  },
  'the broker sleeps': async ({ fleet: { kafka }, random }) => {
    kafka.pause()
    await pause(random.between(100, 8_000))
    kafka.resume()
  },
}

test(`F45 for ${MINUTES} minutes all faults mixed by chance find the same`, ONLY_ALL, async (t) => {
  const times = Math.ceil(MINUTES * FAULTS_A_MINUTE)
  const counts: Record<string, number> = {}
  await turmoil({
    seed: 45,
    detectors: 2,
    times,
    traffic: { packets: times * PACKETS_A_FAULT },
    fleet: { requestTimeoutMs: 5_000, redis: { appendonly: true } },
    config: { kafka: { requestTimeoutSeconds: 5 } },
    fault: async (world) => {
      const name = world.random.pick(Object.keys(FAULTS))
      counts[name] = (counts[name] ?? 0) + 1
      await FAULTS[name]?.(world)
    },
    mend: async (world) => {
      await reviveAll(world)
      for (const detector of world.detectors) await working(detector)
    },
    check: async ({ detectors }) => {
      t.diagnostic(JSON.stringify(counts))
      for (const detector of detectors) assertSmall(detector)
    },
  })
})

function assertSmall({ pid }: FleetProcess): void {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024
  const files = readdirSync(`/proc/${pid}/fd`).length
  assert.ok(megabytes < MOST_MB, `${megabytes} MB`)
  assert.ok(files < MOST_FILES, `${files} open files`)
}
