/**
 * HoldWatch: holds and releases this host's bans as a file in the state folder says.
 *
 * A hold that fails leaves the kernel in a state that nobody knows: the next look does what the file says then, whichever it is. A
 * release waits for a hold that is under way, or its bans would be lifted again; a hold waits for nothing but the round that runs.
 */
import { existsSync } from 'node:fs'
import type { EnforcerEvents } from './enforcer-events.ts'
import type { HostBans } from './host-bans.ts'

export class HoldWatch {
  readonly #file: string
  readonly #bans: Pick<HostBans, 'hold' | 'release'>
  readonly #events: Pick<EnforcerEvents, 'held' | 'failed'>
  /** What was last done; undefined when it failed. */
  #isHeld: boolean | undefined = false
  #isHolding = false

  constructor(
    file: string,
    bans: Pick<HostBans, 'hold' | 'release'>,
    events: Pick<EnforcerEvents, 'held' | 'failed'>,
  ) {
    this.#file = file
    this.#bans = bans
    this.#events = events
  }

  /** To be called each second. */
  look(): void {
    if (this.#isHolding) return
    const isHeld = existsSync(this.#file)
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    void (isHeld ? this.#hold() : this.#change(false))
  }

  async #hold(): Promise<void> {
    this.#isHolding = true
    await this.#change(true)
    this.#isHolding = false
  }

  /** Said when it is done: a round that ran meanwhile may have made the table again, and holding takes it away once more. */
  async #change(isHeld: boolean): Promise<void> {
    try {
      await (isHeld ? this.#bans.hold() : this.#bans.release())
      this.#events.held(isHeld)
    } catch (error) {
      this.#isHeld = undefined
      this.#events.failed(error as Error)
    }
  }
}
