/**
 * Listening: since when we have heard whatever was said, without a gap.
 *
 * Silence is only somebody else's if we were listening: not while the broker or the store was away, not before we have read
 * what waited for us, and not while this very process was stopped.
 */

/** Reading may be behind for so long while it is at work. */
const BEHIND_MS = 5_000
/** A timer that comes so late means that the process stood still. */
const ASLEEP_MS = 5_000

export interface Hearing {
  readonly isReachable: boolean
  readonly behindMs: number
  /** The broker's time. */
  readonly now: number
  readonly monotonicMs: number
}

export class Listening {
  #since: number | undefined
  #lookedAt: number | undefined

  /** Broker time since when we listen; undefined while we do not. */
  look({ isReachable, behindMs, now, monotonicMs }: Hearing): number | undefined {
    const wasAsleep = monotonicMs - (this.#lookedAt ?? monotonicMs) > ASLEEP_MS
    this.#lookedAt = monotonicMs
    if (!isReachable || behindMs > BEHIND_MS) this.#since = undefined
    else if (wasAsleep) this.#since = now
    else this.#since ??= now
    return this.#since
  }
}
