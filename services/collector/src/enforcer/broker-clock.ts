/**
 * BrokerClock: what the time is by the broker, whatever this machine's clock says, which may be hours off.
 *
 * It is anchored to the monotonic clock: setting the machine's clock moves nothing here. Before the broker has told its time, the
 * machine's is all there is.
 */
const STEP_MS = 1_000

export class BrokerClock {
  readonly #local: () => number
  readonly #monotonic: () => number
  /** Broker's time less the monotonic clock. */
  #ahead: number | undefined
  /** How often it was found to be wrong by more than a second: what was planned by it has to be planned anew. */
  steps = 0

  constructor(local: () => number = Date.now, monotonic: () => number = () => performance.now()) {
    this.#local = local
    this.#monotonic = monotonic
  }

  now(): number {
    return this.#ahead === undefined ? this.#local() : this.#monotonic() + this.#ahead
  }

  /** How far this machine's clock is ahead of the broker's, in ms. */
  get skewMs(): number {
    return this.#local() - this.now()
  }

  /** For `asked`. */
  mark(): number {
    return this.#monotonic()
  }

  /** The broker has appended something of ours at `time`, between these two marks. */
  asked(time: number, sent: number, answered: number): void {
    this.#set(time - (sent + answered) / 2)
  }

  /** Something of the topic was appended at `time`: it is not earlier than that now. */
  seen(time: number): void {
    if (time > this.now()) this.#set(time - this.#monotonic())
  }

  #set(ahead: number): void {
    const before = this.now()
    this.#ahead = ahead
    if (Math.abs(this.now() - before) > STEP_MS) this.steps++
  }
}
