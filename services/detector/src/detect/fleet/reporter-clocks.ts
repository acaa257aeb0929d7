/**
 * ReporterClocks: how far each reporter's clock runs ahead of the broker's, as its last messages tell.
 *
 * A packet's time less the broker's is the clock's error less the time under way, so the highest of the last few is
 * nearest to the error. It is told, never corrected. Numbers for people: they do not outlive the process.
 */
const LAST = 16
const MOST_REPORTERS = 4096

export interface ReporterClock {
  readonly reporter: string
  /** Ms that its clock is ahead; below 0 behind, or its packets are long under way. */
  readonly skewMs: number
  /** Packets that were given the broker's time. */
  readonly ahead: number
}

interface Tally {
  readonly leads: Float64Array
  seen: number
  ahead: number
}

export class ReporterClocks {
  private readonly tallies = new Map<string, Tally>()
  private reporter = ''
  private tally: Tally | undefined

  /** `leadMs`: the packet's own time less the broker's. */
  see(reporter: string, leadMs: number, isAhead: boolean): void {
    if (Number.isNaN(leadMs)) return
    if (this.tally === undefined || reporter !== this.reporter) this.tally = this.open(reporter)
    this.tally.leads[this.tally.seen++ % LAST] = leadMs
    if (isAhead) this.tally.ahead++
  }

  all(): ReporterClock[] {
    return [...this.tallies].map(([reporter, { leads, seen, ahead }]) => {
      const skewMs = Math.max(...leads.subarray(0, Math.min(seen, LAST)))
      return { reporter, skewMs, ahead }
    })
  }

  private open(reporter: string): Tally {
    this.reporter = reporter
    let tally = this.tallies.get(reporter)
    if (tally === undefined) {
      if (this.tallies.size >= MOST_REPORTERS) this.tallies.clear()
      tally = { leads: new Float64Array(LAST), seen: 0, ahead: 0 }
      this.tallies.set(reporter, tally)
    }
    return tally
  }
}
