/**
 * `npm run bench:live [-- --seconds N]`: from a line written into a log file to the alert on standard output.
 *
 * 1,000 lines a second go into the file in bursts of ten, most of them harmless; each scanner's third port is the packet that
 * must raise the alert. The moment of that write and the moment the alert line is read are compared, both in this process.
 */
import { appendFileSync, closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { logLine } from '../generate/log-line.ts'
import { Random } from '../generate/random.ts'
import { Guard } from '../guard.ts'
import { linuxSyn, nmapTcp } from '../scenarios/packets.ts'
import { report } from './measure.ts'

const BURST_MS = 10
const LINES_PER_BURST = 10
/** A new scanner every so many bursts. */
const SCANNER_EVERY = 4
const LAST_ALERTS_MS = 5000

function harmless(random: Random): string {
  const src = `198.51.${random.between(0, 255)}.${random.between(1, 254)}`
  return logLine({ time: Date.now(), src, dst: '10.20.30.40', ...linuxSyn(random, 443) })
}

/** Ten ports at once: the alert must come for the earliest of them that suffices, so the burst's write is the moment that counts. */
function scan(random: Random, src: string): string[] {
  const spt = random.between(33000, 60000)
  return Array.from({ length: LINES_PER_BURST }, (_, i) =>
    logLine({ time: Date.now(), src, dst: '10.20.30.40', ...nmapTcp(random, spt, 20 + i) }),
  )
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string' } } })
  const bursts = (Number(values.seconds ?? 15) * 1000) / BURST_MS
  const random = new Random(1)
  const guard = new Guard()
  const log = join(guard.folder, 'kern.log')
  writeFileSync(log, '')
  try {
    await guard.start([{ type: 'file', path: log }])
    const written = await writeBursts(log, bursts, random)
    const toldOf = (): number => new Set(guard.alerts.map(({ incident }) => incident.source)).size
    await guard.until(() => toldOf() >= written.size, LAST_ALERTS_MS, 'the last alert')
    const latencies = guard.alerts
      .filter(
        ({ incident }, i) =>
          guard.alerts.findIndex((first) => first.incident.source === incident.source) === i,
      )
      .map(({ at, incident }) => at - (written.get(incident.source ?? '') ?? Number.NaN))
      .sort((a, b) => a - b)
    const at = (share: number): number => latencies[Math.floor(latencies.length * share)] as number
    report('live', {
      linesPerSecond: (LINES_PER_BURST * 1000) / BURST_MS,
      lines: bursts * LINES_PER_BURST,
      scanners: written.size,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: latencies.at(-1) as number,
      ratio: 100 / at(0.99),
      meaning: 'the 100 ms allowed over p99',
    })
  } finally {
    await guard.stop()
  }
}

/** When each scanner's lines were written. */
async function writeBursts(path: string, bursts: number, random: Random): Promise<Map<string, number>> {
  const written = new Map<string, number>()
  const file = openSync(path, 'a')
  const start = performance.now()
  for (let burst = 0; burst < bursts; burst++) {
    await new Promise((resolve) => setTimeout(resolve, start + burst * BURST_MS - performance.now()))
    const src = `203.0.${burst >> 8}.${burst & 255}`
    const isScan = burst % SCANNER_EVERY === 1
    const lines = isScan ? scan(random, src) : Array.from({ length: LINES_PER_BURST }, () => harmless(random))
    if (isScan) written.set(src, performance.now())
    appendFileSync(file, lines.map((line) => `${line}\n`).join(''))
  }
  closeSync(file)
  return written
}

await main()
