/**
 * EventClock: which time a packet counts for, and up to when nearly all packets have come (the watermark).
 *
 * A sender's clock is believed up to a minute ahead of the broker's, and moves the watermark no further than the
 * broker's own: one wrong clock makes nobody else late.
 */

/** A packet further ahead of the time at which the broker took it has that time. */
export const MOST_AHEAD_MS = 60_000
/** Packets this much older than the newest are still in time. */
export const LATENESS_MS = 5000

export class EventClock {
  /** Newest time that the broker's confirms; 0 before the first packet. */
  newest: number
  /** What the last packet was. */
  isAhead = false
  isLate = false
  /** When the broker took the message that is read. */
  private logged = 0

  constructor(newest = 0) {
    this.newest = newest
  }

  /** No packet to come is older, but for late ones. */
  get watermark(): number {
    return Math.max(0, this.newest - LATENESS_MS)
  }

  beginMessage(logged: number): void {
    this.logged = logged
  }

  /** The time that a packet counts for; NaN is a packet without a time of its own. */
  take(packetTime: number): number {
    const { logged } = this
    this.isAhead = packetTime > logged + MOST_AHEAD_MS
    const time = this.isAhead || Number.isNaN(packetTime) ? logged : packetTime
    this.isLate = time < this.newest - LATENESS_MS
    const confirmed = Math.min(time, logged)
    if (confirmed > this.newest) this.newest = confirmed
    return time
  }
}
