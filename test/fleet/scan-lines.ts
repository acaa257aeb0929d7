/**
 * Lines of a scan that happens now: what is long over is judged but told to nobody.
 *
 * One probe a millisecond, and none in the future, so that no clock seems to run ahead.
 */
import { appendFileSync } from 'node:fs'
import { logLine } from '../generate/log-line.ts'
import { Random } from '../generate/random.ts'
import { nmapTcp } from '../scenarios/packets.ts'

export interface ScanProbe {
  readonly src: string
  readonly dst: string
  readonly dpt: number
  /** The host that logs it. */
  readonly host?: string
}

const random = new Random(2)
const SOURCE_PORT = 40_000

export function scanLine({ src, dst, dpt, host = 'web1' }: ScanProbe, time: number = Date.now()): string {
  return logLine({ time, src, dst, host, ...nmapTcp(random, SOURCE_PORT, dpt) })
}

/** As the kernel's log grows. */
export function appendScan(file: string, probes: readonly ScanProbe[]): void {
  const from = Date.now() - probes.length
  appendFileSync(file, probes.map((probe, at) => `${scanLine(probe, from + at)}\n`).join(''))
}
