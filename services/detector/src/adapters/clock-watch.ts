/**
 * Clock watch: whose clock, or whose way to us, is off by more than a minute. It is told, never corrected.
 *
 * A packet that is behind may have waited in a spool as well; one that is ahead has a clock that is wrong.
 */
import type { ReporterClock } from '../detect/fleet/reporter-clocks.ts'

const MUCH_MS = 60_000

/** Reporters that are off now. Of one that several partitions saw the least difference counts. */
export function offClocks(clocks: Iterable<ReporterClock>): ReporterClock[] {
  const least = new Map<string, ReporterClock>()
  for (const clock of clocks) {
    const known = least.get(clock.reporter)
    if (known === undefined || Math.abs(clock.skewMs) < Math.abs(known.skewMs))
      least.set(clock.reporter, clock)
  }
  return [...least.values()].filter(({ skewMs }) => Math.abs(skewMs) > MUCH_MS)
}

export class ClockWatch {
  #off: ReadonlySet<string> = new Set()

  /** Those that were not off when last looked. */
  look(clocks: Iterable<ReporterClock>): ReporterClock[] {
    const off = offClocks(clocks)
    const news = off.filter(({ reporter }) => !this.#off.has(reporter))
    this.#off = new Set(off.map(({ reporter }) => reporter))
    return news
  }
}
