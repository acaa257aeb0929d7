/**
 * `npm run bench:fleet-latency [-- --seconds N --rate N]`: from a line in a log to the alert on its topic, through a real
 * collector, broker, Redis and detector.
 *
 * An alert's time is taken when a reader of the topic has it in hand, which is later than the broker has it. The line is the one
 * that the alert names as its cause.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type AlertMessage, MESSAGES } from '@picket/schemas/messages'
import { RealFleet } from '../fleet/real-fleet.ts'
import { logLine } from '../generate/log-line.ts'
import { Random } from '../generate/random.ts'
import { nmapTcp } from '../scenarios/packets.ts'
import { waitUntil } from '../services/wait-until.ts'
import { report } from './measure.ts'
import { load } from './process-numbers.ts'

const PARTITIONS = 4
const EVERY_MS = 10
const WARM_SECONDS = 5
/** At any time so many scan; each is another after so many probes. */
const SCANNERS = 50
const PROBES_EACH = 200

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '1000' },
  },
})

/** When each line was written, by what its alert would name. */
const written = new Map<string, number>()

class LogWriter {
  readonly #path: string
  readonly #random = new Random(1)
  #lines = 0

  constructor(path: string) {
    this.#path = path
    writeFileSync(path, '')
  }

  write(count: number): void {
    const now = performance.now()
    let text = ''
    for (let i = 0; i < count; i++) text += `${this.#line(now)}\n`
    appendFileSync(this.#path, text)
  }

  #line(now: number): string {
    const n = this.#lines++
    const slot = n % SCANNERS
    // Each is at another place of its scan, so that alerts come all the time.
    const probe = Math.floor(n / SCANNERS) + slot * (PROBES_EACH / SCANNERS)
    const scanner = slot + SCANNERS * Math.floor(probe / PROBES_EACH)
    const src = `45.${scanner >> 16}.${(scanner >> 8) & 255}.${scanner & 255}`
    const spt = 1_024 + (n % 60_000)
    const dpt = 1 + (probe % PROBES_EACH)
    written.set(keyOf(src, spt, dpt), now)
    return logLine({ time: Date.now(), src, dst: '10.1.1.1', ...nmapTcp(this.#random, spt, dpt) })
  }
}

function keyOf(src: string, spt: number, dpt: number): string {
  return `${src} ${spt} ${dpt}`
}

async function writeFor(log: LogWriter, seconds: number): Promise<void> {
  const began = performance.now()
  const perMs = Number(values.rate) / 1_000
  for (let done = 0, passed = 0; passed < seconds * 1_000; passed = performance.now() - began) {
    const due = Math.floor(passed * perMs)
    log.write(due - done)
    done = due
    await pause(EVERY_MS)
  }
}

/** Until the queue is closed. */
async function follow(
  fleet: RealFleet,
  partition: number,
  onAlert: (alert: AlertMessage) => void,
): Promise<void> {
  for await (const { value } of fleet.queue.read('picket.alerts', partition, 0, Number.MAX_SAFE_INTEGER)) {
    const decoded = MESSAGES.alert.decode(value ?? new Uint8Array())
    if (decoded.ok) onAlert(decoded.value)
  }
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

async function main(): Promise<void> {
  const fleet = await RealFleet.start({ partitions: PARTITIONS })
  const latencies: number[] = []
  let since = Number.POSITIVE_INFINITY
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const following = follow(fleet, partition, ({ evidence: [cause] }) => {
      const at = cause === undefined ? undefined : written.get(keyOf(cause.src, cause.spt, cause.dpt))
      if (at !== undefined && at >= since) latencies.push(performance.now() - at)
    })
    following.catch(() => undefined)
  }
  const path = join(fleet.folder, 'kern.log')
  const log = new LogWriter(path)
  const detector = await fleet.process('detector', { detector: { concurrency: PARTITIONS } })
  const sources = [{ type: 'file', path, name: 'kern', from: 'start' }]
  const collector = await fleet.process('collector', { sources, timeZone: 'UTC' })
  for (const one of [detector, collector]) one.start()
  for (const one of [detector, collector]) await one.ready()
  await writeFor(log, WARM_SECONDS)
  since = performance.now()
  await writeFor(log, Number(values.seconds))
  const alerts = async (): Promise<number> => detector.metric('picket_detector_alerts_total')
  let before = -1
  await waitUntil(
    async () => {
      const now = await alerts()
      const isQuiet = now === before
      before = now
      if (!isQuiet) await pause(1_000)
      return isQuiet
    },
    () => 'the last alerts',
  )
  const sorted = latencies.sort((a, b) => a - b)
  report('fleet-latency', {
    linesPerSecond: Number(values.rate),
    seconds: Number(values.seconds),
    alerts: sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p90Ms: quantile(sorted, 0.9),
    p99Ms: quantile(sorted, 0.99),
    worstMs: quantile(sorted, 1),
    load: load(),
    meaning: 'line in the log to alert in the hand of a reader of the topic',
  })
  await fleet.stop()
}

await main()
process.exit(0)
