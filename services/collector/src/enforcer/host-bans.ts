/**
 * HostBans: keeps this host's kernel at what is wished. It is given wishes and does the rest; the fleet's enforcer and `picket run`
 * both use it.
 *
 * Wishes are carried out at once; what comes while the firewall's tool runs is done together in the next round. The kernel holds the
 * state: each minute, after a flush and after a failure it is listed and compared as a whole.
 */
import { type BanOutcome, type HostWish, heldOutcomes } from '../enforce/ban-outcome.ts'
import type { HostFacts } from '../enforce/host-facts.ts'
import type { KernelBans, KernelElement } from '../enforce/kernel-bans.ts'
import type { NeverEntry } from '../enforce/never-ban.ts'
import type { Caps } from '../enforce/plan-bans.ts'
import { spanAt } from '../enforce/wish-book.ts'
import { BanRounds, type RoundResult } from './ban-round.ts'
import type { BanFigures, BansEvents } from './bans-events.ts'
import { NeverList } from './never-list.ts'
import { ToldOutcomes } from './told-outcomes.ts'

export interface HostBansParts {
  readonly kernel: KernelBans
  readonly facts: HostFacts
  readonly allow: readonly NeverEntry[]
  readonly caps: Omit<Caps, 'longestSeconds'>
  readonly events: BansEvents
  /** Ms since 1970 UTC, by the clock that wishes are written by. */
  readonly now: () => number
  /** Told once for each subject, revision and outcome. */
  readonly told: (outcomes: readonly BanOutcome[]) => void
  /** `told` of before a restart. */
  readonly toldBefore?: Iterable<readonly [string, string]>
}

const WATCH_MS = 1_000
const WHOLE_EVERY_MS = 60_000
const RETRY_MOST_MS = 30_000

export class HostBans {
  readonly #parts: HostBansParts
  readonly #never: NeverList
  readonly #rounds: BanRounds
  readonly #told: ToldOutcomes
  #pending = new Set<string>()
  #isWholeDue = false
  #isReadyingDue = false
  #running: Promise<void> | undefined
  #watching: NodeJS.Timeout | undefined
  #isLooking = false
  /** By the wishes' clock. */
  #wakeAt = Number.POSITIVE_INFINITY
  /** By the monotonic clock. */
  #wholeAt = 0
  #retryAt = Number.POSITIVE_INFINITY
  #retryMs = WATCH_MS
  /** The firewall itself failed, not single bans. */
  #isBroken = false
  #isHeld = false
  #fault: string | undefined

  constructor(parts: HostBansParts) {
    this.#parts = parts
    this.#never = new NeverList(parts.facts, parts.allow)
    this.#rounds = new BanRounds({ ...parts, never: this.#never })
    this.#told = new ToldOutcomes(parts.toldBefore)
  }

  get figures(): BanFigures {
    const now = this.#parts.now()
    const wished = [...this.#rounds.wishes.values()].filter(({ spans }) => spanAt(spans, now) !== undefined)
    const inKernel = this.#parts.kernel.isReal ? this.#rounds.inKernel : 0
    return { inKernel, wished: wished.length, refused: this.#told.refused }
  }

  /** What is wrong, in words. */
  get faults(): string[] {
    const faults = this.#fault === undefined ? [] : [this.#fault]
    if (!this.#parts.kernel.isReal) faults.push('dry run: nothing is banned on this host')
    if (this.#isHeld) faults.push('held by hand: nothing is banned on this host (picket enforcer --resume)')
    return [...faults, ...this.#told.brakes(), ...this.#never.faults.map((fault) => `unknown ${fault}`)]
  }

  /** What was last told, by subject: to be handed to the next process. */
  get told(): ReadonlyMap<string, string> {
    return this.#told.keys
  }

  /**
   * Resolves when the kernel was compared with the wishes that are known so far. Unless these are all of them, nothing is lifted
   * but what must never be banned.
   */
  async start(knowsAll: boolean): Promise<void> {
    this.#rounds.knowsAll = knowsAll
    this.#watching ??= setInterval(() => void this.#watch(), WATCH_MS)
    await this.reconcile()
  }

  /** Learns and prepares what a whole round needs first. To be called when wishes are about to come. */
  getReady(): void {
    this.#isReadyingDue = true
    void this.#run()
  }

  /** Adds or replaces the wishes of these subjects. */
  set(wishes: readonly HostWish[]): void {
    for (const wish of wishes) this.#rounds.wishes.set(wish.subject, wish)
    this.#changed(wishes.map(({ subject }) => subject))
  }

  /** As if these had never been wished. */
  drop(subjects: readonly string[]): void {
    for (const subject of subjects) {
      this.#rounds.wishes.delete(subject)
      this.#told.drop(subject)
    }
    this.#changed(subjects)
  }

  /** Takes effect at once: what it covers is lifted. */
  async setAllow(allow: readonly NeverEntry[]): Promise<void> {
    this.#never.setAllow(allow)
    await this.reconcile()
  }

  /** The fleet's list, beside this host's own: takes effect at once where bans are carried out already. */
  async setCentralAllow(allow: readonly NeverEntry[]): Promise<void> {
    this.#never.setCentral(allow)
    if (this.#watching !== undefined) await this.reconcile()
  }

  /** Compares all; resolves when that is done, or has failed and will be tried again. */
  async reconcile(): Promise<void> {
    this.#isWholeDue = true
    await this.#run()
  }

  /** Lifts everything and bans nothing until `release`. */
  async hold(): Promise<void> {
    this.#isHeld = true
    await this.#running
    // Released while the round ran
    if (!this.#isHeld) return
    await this.#parts.kernel.liftAll()
    this.#tellHeld(this.#rounds.wishes.values())
  }

  #tellHeld(wishes: Iterable<HostWish>): void {
    this.#tell(heldOutcomes(wishes, this.#parts.now()))
  }

  async release(): Promise<void> {
    this.#isHeld = false
    await this.reconcile()
  }

  list(): Promise<KernelElement[]> {
    return this.#parts.kernel.list()
  }

  /** Bans stay in the kernel and end by themselves. */
  async stop(): Promise<void> {
    clearInterval(this.#watching)
    this.#watching = undefined
    await this.#running
  }

  #changed(subjects: readonly string[]): void {
    for (const subject of subjects) this.#pending.add(subject)
    // Whoever wishes a ban meanwhile hears why there is none
    if (this.#isHeld) this.#tellHeld(subjects.flatMap((subject) => this.#rounds.wishes.get(subject) ?? []))
    if (this.#watching !== undefined) void this.#run()
  }

  /** One at a time; a round that is asked for meanwhile follows. */
  #run(): Promise<void> {
    this.#running ??= this.#runRounds()
    return this.#running
  }

  async #runRounds(): Promise<void> {
    // Whoever sets `#running` comes first; between the last look and the end nothing may be asked for.
    await undefined
    try {
      while (!this.#isHeld && this.#isAsked()) await (this.#isReadyingDue ? this.#readyNow() : this.#runOne())
    } finally {
      this.#running = undefined
    }
  }

  /** Wishes wait for the start: until then these may not be all. */
  #isAsked(): boolean {
    return this.#isReadyingDue || this.#isWholeDue || (this.#watching !== undefined && this.#pending.size > 0)
  }

  /** If it fails, the whole round that follows fails alike, and says so. */
  async #readyNow(): Promise<void> {
    this.#isReadyingDue = false
    await this.#rounds.getReady().catch(() => undefined)
  }

  async #runOne(): Promise<void> {
    const isWhole = this.#isWholeDue
    const subjects = this.#pending
    this.#pending = new Set()
    this.#isWholeDue = false
    const began = performance.now()
    try {
      this.#settled(isWhole ? await this.#rounds.all() : await this.#rounds.some(subjects), isWhole)
      this.#parts.events.roundTook((performance.now() - began) / 1_000)
    } catch (error) {
      this.#failed(error as Error, subjects)
    }
  }

  #settled({ outcomes, failed, wakeAt }: RoundResult, isWhole: boolean): void {
    this.#isBroken = false
    this.#tell(outcomes)
    this.#wakeAt = isWhole ? wakeAt : Math.min(this.#wakeAt, wakeAt)
    if (failed > 0) {
      this.#retryLater(`the firewall refuses ${failed} bans`)
    } else if (isWhole) {
      this.#fault = undefined
      this.#retryAt = Number.POSITIVE_INFINITY
      this.#retryMs = WATCH_MS
    }
    if (!isWhole) return
    this.#wholeAt = performance.now() + WHOLE_EVERY_MS
    if (this.#never.faults.length > 0) this.#parts.events.factsMissing(this.#never.faults)
  }

  /** Nothing is known of what the kernel holds now: a whole round follows. */
  #failed(error: Error, subjects: ReadonlySet<string>): void {
    this.#isBroken = true
    this.#parts.events.failed(error)
    const wishes = [...subjects].flatMap((subject) => this.#rounds.wishes.get(subject) ?? [])
    this.#tell(
      wishes.map(({ subject, revision }) => ({ subject, revision, outcome: 'failed', why: error.message })),
    )
    this.#retryLater(`the firewall fails: ${error.message}`)
  }

  #retryLater(fault: string): void {
    this.#fault = fault
    this.#retryAt = performance.now() + this.#retryMs
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MOST_MS)
  }

  #tell(outcomes: readonly BanOutcome[]): void {
    const news = this.#told.take(outcomes)
    if (news.length === 0) return
    this.#parts.events.became(news)
    this.#parts.told(news)
  }

  async #watch(): Promise<void> {
    if (this.#isHeld || this.#isLooking || this.#running !== undefined) return
    this.#isLooking = true
    try {
      if (this.#isDue() || (await this.#isFlushed())) await this.reconcile()
    } catch (error) {
      this.#failed(error as Error, new Set())
    } finally {
      this.#isLooking = false
    }
  }

  #isDue(): boolean {
    const now = performance.now()
    if (this.#isBroken) return now >= this.#retryAt
    return now >= this.#wholeAt || now >= this.#retryAt || this.#parts.now() >= this.#wakeAt
  }

  async #isFlushed(): Promise<boolean> {
    if (this.#isBroken || (await this.#parts.kernel.isPrepared())) return false
    this.#parts.events.flushed()
    return true
  }
}
