/**
 * `npm run bench:fleet-scale [-- --packets N]`: one, two and four detectors on the same traffic, and a group that changes.
 *
 * The traffic lies on the topic before anybody reads, so what is measured is how fast it is worked off. All must find the same
 * alerts, by their ids. On a machine of few cores more processes cannot be faster: then the CPU a packet costs is the figure.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { foundBy } from '../chaos/found.ts'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { RealFleet } from '../fleet/real-fleet.ts'
import { traffic } from '../fleet/traffic.ts'
import { report } from './measure.ts'
import { cpuSeconds, load } from './process-numbers.ts'

const PARTITIONS = 8
const LOOK_MS = 50
const DEADLINE_MS = 600_000

const { values } = parseArgs({ options: { packets: { type: 'string', default: '1000000' } } })
const packets = Number(values.packets)
/** The same for all, since an alert's id depends on its packets' times. */
const from = Date.now() - 600_000

interface Outcome {
  readonly alerts: ReadonlySet<string>
  readonly packetsPerSecond: number
}

async function filled(): Promise<RealFleet> {
  const fleet = await RealFleet.start({ partitions: PARTITIONS })
  const request = {
    seed: 1,
    packets,
    partitions: PARTITIONS,
    packetsPerBatch: 500,
    agents: 8,
    sources: 10_000,
  }
  await fleet.publish(traffic({ ...request, from, stepMs: 60_000 / packets }))
  return fleet
}

async function alertIds(fleet: RealFleet): Promise<Set<string>> {
  const { alerts } = await foundBy(fleet.queue, await fleet.store())
  return new Set(alerts.keys())
}

function differences(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  return [...one].filter((id) => !other.has(id)).length + [...other].filter((id) => !one.has(id)).length
}

async function startAll(fleet: RealFleet, count: number): Promise<FleetProcess[]> {
  const detectors: FleetProcess[] = []
  for (let i = 0; i < count; i++) detectors.push(await fleet.process('detector'))
  for (const one of detectors) one.start()
  await Promise.all(detectors.map((one) => one.ready()))
  return detectors
}

async function together(count: number, first?: Outcome): Promise<Outcome> {
  const fleet = await filled()
  try {
    const detectors = await startAll(fleet, count)
    const began = performance.now()
    const before = detectors.map(({ pid }) => cpuSeconds(pid))
    await fleet.settled(DEADLINE_MS)
    const wall = (performance.now() - began) / 1_000
    const cpu = detectors.reduce((sum, { pid }, i) => sum + cpuSeconds(pid) - (before[i] ?? 0), 0)
    await fleet.settledContacts(DEADLINE_MS)
    const alerts = await alertIds(fleet)
    const packetsPerSecond = packets / wall
    report('fleet-scale', {
      detectors: count,
      packets,
      packetsPerSecond,
      ratioToOne: packetsPerSecond / (first?.packetsPerSecond ?? packetsPerSecond),
      cpuSecondsPerMillion: (cpu * 1e6) / packets,
      alerts: alerts.size,
      differentAlerts: differences(alerts, first?.alerts ?? alerts),
      load: load(),
    })
    return { alerts, packetsPerSecond }
  } finally {
    await fleet.stop()
  }
}

/** The longest time in which nothing was committed anywhere, until all is. */
class Stalls {
  worstMs = 0
  readonly #ended: Promise<void>
  #isDone = false

  constructor(fleet: RealFleet) {
    this.#ended = this.#watch(fleet)
  }

  async end(): Promise<number> {
    this.#isDone = true
    await this.#ended
    return this.worstMs
  }

  async #watch(fleet: RealFleet): Promise<void> {
    let last = await sumOfPositions(fleet)
    let since = performance.now()
    while (!this.#isDone) {
      await pause(LOOK_MS)
      const sum = await sumOfPositions(fleet)
      const now = performance.now()
      if (!this.#isDone) this.worstMs = Math.max(this.worstMs, now - since)
      if (sum === last) continue
      last = sum
      since = now
    }
  }
}

async function sumOfPositions(fleet: RealFleet): Promise<number> {
  const store = await fleet.store()
  let sum = 0
  for (let partition = 0; partition < PARTITIONS; partition++)
    sum += (await store.position(`packets:${partition}`)) ?? 0
  return sum
}

async function reach(fleet: RealFleet, part: number): Promise<void> {
  let all = 0
  for (let partition = 0; partition < PARTITIONS; partition++)
    all += (await fleet.queue.extent('picket.packets', partition)).end
  while ((await sumOfPositions(fleet)) < all * part) await pause(LOOK_MS)
}

/** One detector, a second one joins, the first one leaves. */
async function moving(first: Outcome): Promise<void> {
  const fleet = await filled()
  try {
    const [old] = await startAll(fleet, 1)
    const stalls = new Stalls(fleet)
    await reach(fleet, 0.2)
    const fresh = await fleet.process('detector')
    fresh.start()
    await fresh.ready()
    await reach(fleet, 0.6)
    await old?.stop()
    await fleet.settled(DEADLINE_MS)
    const worstMs = await stalls.end()
    await fleet.settledContacts(DEADLINE_MS)
    const alerts = await alertIds(fleet)
    report('fleet-moving', {
      packets,
      alerts: alerts.size,
      differentAlerts: differences(alerts, first.alerts),
      longestStallMs: worstMs,
      load: load(),
      meaning:
        'one detector, a second joins, the first leaves; the longest time in which no partition moved on',
    })
  } finally {
    await fleet.stop()
  }
}

const one = await together(1)
for (const count of [2, 4]) await together(count, one)
await moving(one)
process.exit(0)
