/**
 * Turmoil: one run of a fleet under faults. Traffic is published while faults happen, then everything is let settle and compared.
 *
 * Everything that is drawn by chance comes from the seed: `npm run chaos -- --seed N --fault F1` plays one run again. When the
 * parts of a fleet take their turns is the machine's affair, so a replay repeats what was done, not when exactly.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { type FleetOptions, RealFleet } from '../fleet/real-fleet.ts'
import { type TrafficBatch, type TrafficRequest, traffic } from '../fleet/traffic.ts'
import { Random } from '../generate/random.ts'
import { assertSameStory, isSameStory } from './compare.ts'
import { type Found, foundBy } from './found.ts'
import { type OracleOptions, oracle, type Story } from './oracle.ts'

export interface World {
  readonly fleet: RealFleet
  readonly detectors: FleetProcess[]
  readonly random: Random
  /** Seeded, and told where the run fails. */
  readonly seed: number
}

/** Something that happens to the world while traffic comes in. It may leave things broken until `mend`. */
export type Fault = (world: World) => Promise<void>

export interface TurmoilOptions {
  readonly seed: number
  readonly detectors?: number
  readonly traffic?: Partial<TrafficRequest>
  /** Each batch is published so often. */
  readonly copies?: number
  /** So often the fault happens, evenly over the traffic. */
  readonly times: number
  readonly fault: Fault
  /** Brings back what the faults left broken. */
  readonly mend?: Fault
  /** Before the first packet. */
  readonly prepare?: Fault
  /** After the comparison, while everything still runs. */
  readonly check?: (world: World, found: Found, story: Story) => Promise<void>
  readonly fleet?: FleetOptions
  readonly env?: Readonly<Record<string, string>>
  readonly config?: object
  readonly oracle?: OracleOptions
}

/** `PICKET_CHAOS_SEED` plays a test again with another seed than its own. */
export function seeded(own: number): number {
  return Number(process.env['PICKET_CHAOS_SEED'] ?? own)
}

/** What takes too long, or too much of the machine, for every run of the tests. */
export const ALL: boolean = process.env['PICKET_CHAOS'] === 'all'
export const ONLY_ALL: { readonly skip: string } | Record<string, never> = ALL
  ? {}
  : { skip: 'only in "npm run chaos:all"' }

const PACKETS = 12_000
/** Within it what is committed is on the topic of alerts, and what is judged last is found. */
const PUBLISH_MS = 60_000
const LOOK_MS = 100
/** Batches that come again, and that never come, by chance. */
const REPEATED = 0.05
const LOST = 0.02

export async function turmoil(options: TurmoilOptions): Promise<Found> {
  const seed = seeded(options.seed)
  const fleet = await RealFleet.start({
    redis: { appendonly: true, appendfsync: 'everysec' },
    ...options.fleet,
  })
  const world: World = { fleet, detectors: [], random: new Random(seed), seed }
  try {
    await startDetectors(world, options)
    await options.prepare?.(world)
    await playAll(world, options)
    await options.mend?.(world)
    return await settle(world, options)
  } catch (error) {
    const logs = world.detectors.map((one) => one.log().slice(-3_000)).join('\n')
    throw new Error(`${(error as Error).message}\n  with seed ${seed}; the detectors said:\n${logs}`, {
      cause: error,
    })
  } finally {
    await fleet.stop()
  }
}

async function settle(world: World, options: TurmoilOptions): Promise<Found> {
  const { fleet, detectors } = world
  for (const detector of detectors) if (!detector.isRunning) detector.start()
  await fleet.settled()
  await fleet.settledContacts()
  const { found, story } = await sameStory(fleet, options.oracle)
  await options.check?.(world, found, story)
  return found
}

/** Fails when what is found does not become what the oracle says. */
export async function sameStory(
  fleet: RealFleet,
  options: OracleOptions = {},
): Promise<{ found: Found; story: Story }> {
  const deadline = performance.now() + PUBLISH_MS
  for (;;) {
    const found = await foundBy(fleet.queue, await fleet.store(), fleet.prefix)
    const story = await oracle(fleet.queue, { prefix: fleet.prefix, ...options })
    if (performance.now() > deadline) assertSameStory(found, story)
    if (isSameStory(found, story)) return { found, story }
    await pause(LOOK_MS)
  }
}

async function startDetectors({ fleet, detectors }: World, options: TurmoilOptions): Promise<void> {
  for (let i = 0; i < (options.detectors ?? 1); i++) {
    const detector = await addDetector(fleet, options.config)
    detector.start(options.env)
    detectors.push(detector)
  }
  for (const detector of detectors) if (options.env === undefined) await detector.ready()
}

/** Small commits and a small memory, so that there is much to be disturbed. Not yet started. */
export function addDetector(fleet: RealFleet, config: object = {}): Promise<FleetProcess> {
  return fleet.process('detector', {
    detector: { changesPerCommit: 50, sourcesPerPartition: 1_000 },
    ...config,
  })
}

async function playAll(world: World, options: TurmoilOptions): Promise<void> {
  const { times, fault } = options
  const batches = disturbed([...trafficOf(world, options)], world.random).flatMap((batch) =>
    new Array<TrafficBatch>(options.copies ?? 1).fill(batch),
  )
  const each = Math.ceil(batches.length / (times + 1))
  for (let at = 0; at < batches.length; at += each) {
    const portion = world.fleet.publish(batches.slice(at, at + each))
    // The traffic may have to wait for what the fault has broken.
    if (at + each < batches.length) await fault(world)
    await portion
  }
}

function trafficOf({ fleet, seed }: World, options: TurmoilOptions): Generator<TrafficBatch> {
  const packets = options.traffic?.packets ?? PACKETS
  return traffic({
    seed,
    packets,
    partitions: fleet.partitions,
    packetsPerBatch: 40,
    agents: 6,
    sources: 400,
    from: Date.now() - 600_000,
    stepMs: 600_000 / packets,
    ...options.traffic,
  })
}

function disturbed(batches: readonly TrafficBatch[], random: Random): TrafficBatch[] {
  const played: TrafficBatch[] = []
  for (const batch of batches) {
    if (random.chance(LOST)) continue
    played.push(batch)
    const before = played[random.between(0, played.length - 1)]
    if (before !== undefined && random.chance(REPEATED)) played.push(before)
  }
  return played
}
