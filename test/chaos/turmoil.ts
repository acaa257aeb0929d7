/**
 * Turmoil: one run of a fleet under faults. Traffic is published while faults happen, then everything is let settle and compared.
 *
 * Everything that is drawn by chance comes from the seed: `npm run chaos -- --seed N` plays one run again.
 */

import type { FleetProcess } from '../fleet/fleet-process.ts'
import { type FleetOptions, RealFleet } from '../fleet/real-fleet.ts'
import { type TrafficBatch, traffic } from '../fleet/traffic.ts'
import { Random } from '../generate/random.ts'
import { assertSameStory } from './compare.ts'
import { type Found, foundBy } from './found.ts'
import { oracle } from './oracle.ts'

export interface World {
  readonly fleet: RealFleet
  readonly detectors: FleetProcess[]
  readonly random: Random
}

/** Something that happens to the world while traffic comes in. It may leave things broken until `mend`. */
export type Fault = (world: World) => Promise<void>

export interface TurmoilOptions {
  readonly seed: number
  readonly detectors?: number
  readonly packets?: number
  /** So often the fault happens, evenly over the traffic. */
  readonly times: number
  readonly fault: Fault
  /** Brings back what the faults left broken. */
  readonly mend?: Fault
  readonly fleet?: FleetOptions
  readonly env?: Readonly<Record<string, string>>
  readonly config?: object
}

const PACKETS = 12_000
/** Batches that come again, and that never come, by chance. */
const REPEATED = 0.05
const LOST = 0.02

export async function turmoil(options: TurmoilOptions): Promise<Found> {
  const random = new Random(options.seed)
  const fleet = await RealFleet.start({
    redis: { appendonly: true, appendfsync: 'everysec' },
    ...options.fleet,
  })
  try {
    const detectors = await startDetectors(fleet, options)
    const world = { fleet, detectors, random }
    await playAll(world, options)
    await options.mend?.(world)
    for (const detector of detectors) if (!detector.isRunning) detector.start()
    await fleet.settled()
    await fleet.settledContacts()
    const found = await foundBy(fleet.queue, await fleet.store())
    assertSameStory(found, await oracle(fleet.queue))
    return found
  } catch (error) {
    throw new Error(
      `${(error as Error).message}\n  play it again with: npm run chaos -- --seed ${options.seed}`,
      { cause: error },
    )
  } finally {
    await fleet.stop()
  }
}

async function startDetectors(fleet: RealFleet, options: TurmoilOptions): Promise<FleetProcess[]> {
  const detectors: FleetProcess[] = []
  for (let i = 0; i < (options.detectors ?? 1); i++) {
    const detector = await fleet.process('detector', {
      detector: { changesPerCommit: 50, sourcesPerPartition: 1_000 },
      ...options.config,
    })
    detector.start(options.env)
    detectors.push(detector)
  }
  for (const detector of detectors) if (options.env === undefined) await detector.ready()
  return detectors
}

async function playAll(
  world: World,
  { times, fault, packets = PACKETS, seed }: TurmoilOptions,
): Promise<void> {
  const batches = disturbed([...trafficOf(world.fleet, seed, packets)], world.random)
  const each = Math.ceil(batches.length / (times + 1))
  for (let at = 0; at < batches.length; at += each) {
    const portion = world.fleet.publish(batches.slice(at, at + each))
    // The traffic may have to wait for what the fault has broken.
    if (at + each < batches.length) await fault(world)
    await portion
  }
}

function trafficOf(fleet: RealFleet, seed: number, packets: number): Generator<TrafficBatch> {
  return traffic({
    seed,
    packets,
    partitions: fleet.partitions,
    packetsPerBatch: 40,
    agents: 6,
    sources: 400,
    from: Date.now() - 600_000,
    stepMs: 600_000 / packets,
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
