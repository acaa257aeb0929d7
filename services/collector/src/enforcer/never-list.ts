/**
 * The never-ban list as it stands: the host's facts, the allowlist, and who is logged in, each learned anew in its time.
 */
import type { HostFacts } from '../enforce/host-facts.ts'
import { NeverBan, type NeverEntry } from '../enforce/never-ban.ts'
import type { Subject } from '../enforce/subject.ts'

/** Who has logged in meanwhile is asked again before a ban, but not for each of a burst. */
const ADMINS_HOLD_MS = 1_000

export class NeverList {
  readonly #facts: HostFacts
  #allow: readonly NeverEntry[] = []
  #central: readonly NeverEntry[] = []
  #entries: readonly NeverEntry[] = []
  #admins: readonly NeverEntry[] = []
  #adminsAt = Number.NEGATIVE_INFINITY
  #list: NeverBan | undefined
  faults: readonly string[] = []

  constructor(facts: HostFacts, allow: readonly NeverEntry[]) {
    this.#facts = facts
    this.#allow = allow
  }

  /** What was learned of this host, without the allowlist and what holds everywhere. */
  get learned(): readonly NeverEntry[] {
    return [...this.#entries, ...this.#admins]
  }

  setAllow(allow: readonly NeverEntry[]): void {
    this.#allow = allow
    this.#list = undefined
  }

  /** What the fleet allows, beside this host's own list. */
  setCentral(allow: readonly NeverEntry[]): void {
    this.#central = allow
    this.#list = undefined
  }

  async learnAll(): Promise<void> {
    const askedAt = performance.now()
    const { entries, faults } = await this.#facts.read()
    this.#adminsAt = askedAt
    this.#entries = entries
    this.faults = faults
    this.#list = undefined
  }

  async learnAdmins(): Promise<void> {
    if (performance.now() - this.#adminsAt < ADMINS_HOLD_MS) return
    this.#admins = await this.#facts.readAdmins()
    this.#adminsAt = performance.now()
    this.#list = undefined
  }

  at(now: number): NeverBan {
    this.#list ??= new NeverBan([...this.#entries, ...this.#admins, ...this.#allow, ...this.#central], now)
    return this.#list
  }

  /** For the kernel's own list. */
  subjects(now: number): Subject[] {
    return this.at(now).subjects()
  }
}
