/**
 * `npm run bench:fleet-memory [-- --rounds N --sources N --minutes M --round-seconds S]`: a detector and its Redis
 * with a million live sources.
 *
 * Each round is one packet of every source to the same door as before, so that all are alive all the time; the first one makes them. The detector holds
 * far fewer in memory than there are: the others come from Redis and go back. With minutes, the rounds are spread over them: a leak
 * can grow with time, too. A round lasts `--round-seconds` of the packets' own time: scans have buckets of it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Redis as RedisClient } from 'ioredis'
import { RealFleet } from '../fleet/real-fleet.ts'
import { agentsFor, traffic } from '../fleet/traffic.ts'
import { report } from './measure.ts'
import { load, peakRssMb, rssMb } from './process-numbers.ts'

/** As the configuration has it without a word. */
const PARTITIONS = 12
const AGENTS = 4
const DEADLINE_MS = 600_000
const MB = 1024 * 1024

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    sources: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: '0' },
    'round-seconds': { type: 'string', default: '30' },
  },
})
const sources = Number(values.sources)
const rounds = Number(values.rounds)
const roundMs = Number(values['round-seconds']) * 1_000
const slotMs = (Number(values.minutes) * 60_000) / rounds

async function usedMb(client: RedisClient): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]) / MB
}

/** The store's values: how many there are is how many sources are alive. */
async function keys(client: RedisClient): Promise<number> {
  return client.dbsize()
}

async function main(): Promise<void> {
  const fleet = await RealFleet.start({ partitions: PARTITIONS })
  const client = new RedisClient(fleet.redis.port)
  const detector = await fleet.process('detector', { detector: { concurrency: 4 } })
  detector.start()
  await detector.ready()
  const began = Date.now() - rounds * roundMs
  const startedAt = performance.now()
  const shape = {
    seed: 1,
    packets: sources,
    partitions: PARTITIONS,
    packetsPerBatch: 1_000,
    agents: AGENTS,
    sources: Number.POSITIVE_INFINITY,
    from: began,
    stepMs: roundMs / sources,
  }
  const agents = agentsFor(shape)
  for (let round = 0; round < rounds; round++) {
    await fleet.publish(traffic({ ...shape, from: began + round * roundMs }, agents))
    await fleet.settled(DEADLINE_MS)
    await fleet.settledContacts(DEADLINE_MS)
    await pause(startedAt + (round + 1) * slotMs - performance.now())
    report('fleet-memory', {
      minutes: (performance.now() - startedAt) / 60_000,
      packets: (round + 1) * sources,
      storedValues: await keys(client),
      redisUsedMb: await usedMb(client),
      detectorRssMb: rssMb(detector.pid),
      detectorPeakRssMb: peakRssMb(detector.pid),
      load: load(),
    })
  }
  client.disconnect()
  await fleet.stop()
}

await main()
process.exit(0)
