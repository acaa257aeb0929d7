/**
 * Lives: the ways in which a process of the fleet ends and begins again.
 *
 * A process that is killed is buried, which spares its group the wait for its session to end; the faults that are about that wait
 * (F13, F14) leave it out.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { waitUntil } from '../services/wait-until.ts'
import type { World } from './turmoil.ts'

export const STEPS = [
  'claimed',
  'loaded',
  'folded',
  'contacts-sent',
  'committed',
  'alerts-sent',
  'trimmed',
] as const

const LONGEST_MS = 120

/** It has its partitions, or has died. */
export async function working(detector: FleetProcess): Promise<void> {
  await waitUntil(
    async () => !detector.isRunning || (await detector.metric('picket_detector_claims_total')) > 0,
    () => `the detector to have partitions; it said:\n${detector.log()}`,
  )
}

/** One of them is killed at a random moment; half of them will die at a random pass of a random step in their next life. */
export async function killOne({ fleet, detectors, random }: World): Promise<void> {
  const detector = random.pick(detectors)
  await working(detector)
  await pause(random.between(0, LONGEST_MS))
  await detector.kill()
  await fleet.bury(detector)
  const step = `detector.${random.pick(STEPS)}:${random.between(1, 12)}`
  detector.start(random.chance(0.5) ? { PICKET_FAILPOINT: step } : {})
}

/** Nothing is to happen to them any more. */
export async function reviveAll({ fleet, detectors }: World): Promise<void> {
  for (const detector of detectors) {
    await detector.kill()
    await fleet.bury(detector)
    detector.start()
  }
}

export async function unready(detector: FleetProcess): Promise<void> {
  await waitUntil(
    async () => (await detector.get('/readyz'))?.status === 503,
    () => `the detector to notice; it said:\n${detector.log()}`,
  )
}

/** Of four partitions, in two stages. */
export const ALL_CLAIMS = 8

/** A member that is just joining is given a minute by its group, and waits as long for an answer that was lost. */
export function atWork(detector: FleetProcess): Promise<void> {
  return waitUntil(
    async () => (await claimsOf(detector)) >= ALL_CLAIMS,
    () => `all partitions to be claimed; it said ${detector.log()}`,
  )
}

export async function claimsOf(detector: FleetProcess | undefined): Promise<number> {
  return (await detector?.metric('picket_detector_claims_total')) ?? 0
}
