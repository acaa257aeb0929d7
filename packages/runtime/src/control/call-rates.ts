/**
 * Call rates: how often and how many at once an address may call, before anything is done for it.
 *
 * What is remembered is bounded: beyond so many addresses within a minute all others share one count.
 */
const MINUTE_MS = 60_000
const MOST_ADDRESSES = 4_096
const OTHERS = 'others'

export interface CallLimits {
  /** Calls of one address within a minute. */
  readonly perMinute: number
  /** Open at once, of one address. */
  readonly atOnce: number
}

export class CallRates {
  readonly #limits: CallLimits
  readonly #calls = new Map<string, number>()
  readonly #open = new Map<string, number>()
  #minute = Number.NEGATIVE_INFINITY

  constructor(limits: CallLimits) {
    this.#limits = limits
  }

  /** Whether it may; if so, `leave` has to follow. `now` in ms of a clock that never goes back. */
  enter(address: string, now: number): boolean {
    if (now - this.#minute >= MINUTE_MS) {
      this.#minute = now
      this.#calls.clear()
    }
    const key = this.#calls.has(address) || this.#calls.size < MOST_ADDRESSES ? address : OTHERS
    const calls = (this.#calls.get(key) ?? 0) + 1
    this.#calls.set(key, calls)
    const open = this.#open.get(address) ?? 0
    if (calls > this.#limits.perMinute || open >= this.#limits.atOnce) return false
    this.#open.set(address, open + 1)
    return true
  }

  leave(address: string): void {
    const open = (this.#open.get(address) ?? 1) - 1
    if (open > 0) this.#open.set(address, open)
    else this.#open.delete(address)
  }
}
