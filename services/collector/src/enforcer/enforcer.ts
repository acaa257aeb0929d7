/**
 * The enforcer: brings this host's kernel to what the topic of bans says, and tells the fleet what it did.
 *
 * Nothing is decided before the topic was read to its end. Without a broker the host keeps what it has, and what it had before a
 * reboot; nothing is added then. It cannot be told to ban what this host protects, whatever is signed.
 */
import { type Health, type Metrics, pause, type Queue, within } from '@picket/runtime'
import { BanLedger, BanVerifier, digestsOf, type PinnedKeys, readLedger } from '@picket/runtime/bans'
import type { BanReceipt } from '@picket/schemas/messages'
import type { BanOutcome } from '../enforce/ban-outcome.ts'
import type { HostFacts } from '../enforce/host-facts.ts'
import type { KernelBans } from '../enforce/kernel-bans.ts'
import type { NeverEntry } from '../enforce/never-ban.ts'
import { BanIntake, type RefusedMessage, type Taken } from './ban-intake.ts'
import { BrokerClock } from './broker-clock.ts'
import type { AllowTaken } from './central-allow.ts'
import type { EnforcerEvents } from './enforcer-events.ts'
import { HoldWatch } from './hold-watch.ts'
import { HostBans } from './host-bans.ts'
import { ReceiptBox } from './receipt-box.ts'
import { allowlistReceipt, receiptOf, refusalReceipt } from './receipts.ts'
import { type EnforcerSettings, HOLD_FILE, ledgerOf } from './settings.ts'
import { type Appended, WishFeed } from './wish-feed.ts'

export interface EnforcerParts {
  readonly queue: Queue
  readonly metrics: Metrics
  readonly keys: PinnedKeys
  readonly kernel: KernelBans
  readonly facts: HostFacts
  readonly events: EnforcerEvents
}

const OFFLINE_AFTER_MS = 10_000
const TICK_MS = 1_000
/** How long the broker's time is waited for at the start. */
const CLOCK_MS = 3_000
const FORGET_EVERY_MS = 60_000
/** A stranger who can write to the topic must not fill that of receipts. */
const REFUSED_PER_MINUTE = 60
const CLOSE_MS = 3_000

export class Enforcer {
  readonly bans: HostBans
  readonly #holdWatch: HoldWatch
  readonly #settings: EnforcerSettings
  readonly #events: EnforcerEvents
  readonly #clock = new BrokerClock()
  readonly #verifier: BanVerifier
  readonly #ledger: BanLedger
  readonly #intake: BanIntake
  readonly #remembered: ReturnType<typeof readLedger>
  readonly #feed: WishFeed
  readonly #box: ReceiptBox
  readonly #ending = new AbortController()
  readonly #started: number = Date.now()
  #stepsSeen = 0
  #isReady = false
  #isStarted = false
  #refusedThisMinute = 0
  #forgetAt = 0
  #timers: NodeJS.Timeout[] = []
  #work: Promise<void> = Promise.resolve()
  #fail: (error: Error) => void = () => undefined
  /** Resolves when it cannot go on. */
  readonly failed: Promise<Error> = new Promise((resolve) => {
    this.#fail = resolve
  })

  constructor(settings: EnforcerSettings, parts: EnforcerParts) {
    const { events } = parts
    this.#settings = settings
    this.#events = events
    this.#remembered = readLedger(ledgerOf(settings))
    const { content } = this.#remembered
    this.#verifier = new BanVerifier(parts.keys, digestsOf(content))
    this.bans = new HostBans({
      kernel: parts.kernel,
      facts: parts.facts,
      allow: settings.allow,
      caps: settings.caps,
      events,
      now: () => this.#clock.now(),
      told: (outcomes) => this.#tell(outcomes),
      toldBefore: content.told,
    })
    this.#holdWatch = new HoldWatch(`${settings.state}/${HOLD_FILE}`, this.bans, events)
    this.#ledger = new BanLedger(
      ledgerOf(settings),
      () => this.bans.told,
      (error) => events.ledgerFailed(error),
    )
    this.#intake = new BanIntake({
      verifier: this.#verifier,
      here: settings,
      perMinute: settings.caps.perMinute,
      ledger: this.#ledger,
    })
    const brokerFailed = (error: Error): void => events.brokerFailed(error)
    this.#feed = new WishFeed(
      parts.queue,
      { topic: settings.topics.bans, group: settings.topics.group },
      brokerFailed,
    )
    this.#box = new ReceiptBox(
      parts.queue,
      { ...settings, topic: settings.topics.receipts },
      this.#clock,
      brokerFailed,
    )
    events.watchEnforcer(parts.metrics, this.bans, this.#clock, this.#box)
  }

  /** Since the start; the others were remembered. */
  get signaturesComputed(): number {
    return this.#verifier.computed
  }

  begin(): void {
    this.#events.keysRead(this.#verifier.keys)
    this.#holdWatch.look()
    this.#work = this.#run().catch((error: Error) => this.#fail(error))
    const everyMs = this.#settings.heartbeatSeconds * 1_000
    this.#timers = [
      setInterval(() => void this.#beat('running'), everyMs),
      setInterval(() => this.#tick(), TICK_MS),
    ]
  }

  healthy(): Health {
    const reasons = this.#faults()
    return { ok: reasons.length === 0, reasons }
  }

  ready(): Health {
    return this.#isReady
      ? { ok: true, reasons: [] }
      : { ok: false, reasons: ['the topic of bans was not read to its end yet'] }
  }

  /** Keys and the allowlist of a new configuration; all else holds until the next start. */
  async use(keys: PinnedKeys, allow: readonly NeverEntry[]): Promise<void> {
    this.#verifier.useKeys(keys)
    this.#events.keysRead(this.#verifier.keys)
    const dropped = this.#intake.dropUnpinned()
    if (dropped.length > 0) this.#events.keyDropped(dropped.length)
    this.bans.drop(dropped)
    if (this.#intake.dropAllow()) await this.bans.setCentralAllow([])
    this.#ledger.changed()
    await this.bans.setAllow(allow)
    // A key that is pinned now may have signed what was refused before.
    if (this.#isReady) this.#readAgain()
  }

  /** Bans stay in the kernel, and end by themselves. */
  async stop(): Promise<void> {
    this.#ending.abort()
    for (const timer of this.#timers) clearInterval(timer)
    await this.#feed.stop()
    await this.#work
    await this.bans.stop()
    await this.#ledger.close()
    await within(CLOSE_MS, this.#beat('stopping'))
    await this.#box.close(CLOSE_MS)
  }

  async #run(): Promise<void> {
    await this.#recall()
    const whole = this.#readWhole()
    const late = pause(this.#settings.offlineAfterMs ?? OFFLINE_AFTER_MS, this.#ending.signal)
    const isLate = await Promise.race([whole.then(() => false), late.then(() => true)])
    // Read, but the group forms late: nothing has to be recalled then.
    if (isLate && !this.#isStarted && !this.#ending.signal.aborted) await this.#goOn()
    await whole
  }

  /** Nothing is decided before the broker's time is known, too, or before it is plain that it will not be. */
  async #readWhole(): Promise<void> {
    const clock = Promise.race([this.#beat('running'), pause(CLOCK_MS, this.#ending.signal)])
    const lot = await this.#feed.readAll()
    if (lot !== undefined) this.bans.getReady()
    await clock
    if (lot === undefined) return
    await this.#takeAll(lot)
    await this.#feed.follow((appended) => this.#take(appended))
  }

  async #recall(): Promise<void> {
    const { content, fault } = this.#remembered
    if (fault !== undefined) this.#events.ledgerUnusable(fault)
    this.#accept(await this.#intake.recall(content))
  }

  async #goOn(): Promise<void> {
    this.#events.wentOffline(this.#ledger.entries.size)
    this.#isStarted = true
    await this.bans.start(false)
  }

  async #takeAll(lot: readonly Appended[]): Promise<void> {
    const began = performance.now()
    await this.#take(lot)
    this.#events.topicRead(lot.length, performance.now() - began)
    if (!this.#ending.signal.aborted) await this.bans.start(true)
    this.#isStarted = true
    this.#isReady = true
  }

  async #take(lot: readonly Appended[]): Promise<void> {
    const newest = lot.at(-1)
    if (newest !== undefined) this.#clock.seen(newest.time)
    this.#accept(await this.#intake.take(lot))
  }

  #accept({ wishes, refused, allow }: Taken): void {
    for (const message of refused) this.#refuse(message)
    if (allow !== undefined) void this.#obey(allow)
    if (wishes.length === 0) return
    this.bans.set(wishes)
    this.#ledger.changed()
  }

  async #obey({ revision, entries }: AllowTaken): Promise<void> {
    this.#ledger.changed()
    await this.bans.setCentralAllow(entries)
    this.#events.centrallyAllowed(revision, entries.length)
    this.#box.put([allowlistReceipt(revision, entries.length, this.#clock.now())])
  }

  #refuse({ claimed, reason, detail }: RefusedMessage): void {
    if (claimed === undefined) {
      this.#events.poison(detail)
      return
    }
    this.#events.refused(reason, claimed.subject, detail)
    this.#refusedThisMinute++
    if (this.#refusedThisMinute <= REFUSED_PER_MINUTE)
      this.#box.put([refusalReceipt(claimed, reason, detail)])
  }

  #tell(outcomes: readonly BanOutcome[]): void {
    this.#box.put(outcomes.map((outcome): BanReceipt => receiptOf(outcome)))
    this.#ledger.changed()
  }

  #beat(state: 'running' | 'stopping'): Promise<void> {
    const { inKernel, wished, refused } = this.bans.figures
    return this.#box.beat({
      started: this.#started,
      everyMs: this.#settings.heartbeatSeconds * 1_000,
      state,
      faults: this.#faults(),
      numbers: {
        bansInKernel: inKernel,
        wished,
        refused,
        clockSkewMs: this.#clock.skewMs,
        receiptsWaiting: this.#box.waiting,
      },
    })
  }

  #faults(): string[] {
    const feed = this.#feed.fault ?? this.#feed.stopped?.message
    const keys = this.#verifier.keys.size === 0 ? ['no key is pinned: every ban is refused'] : []
    return [...this.bans.faults, ...keys, ...(feed === undefined ? [] : [feed])]
  }

  #tick(): void {
    this.#holdWatch.look()
    if (this.#feed.stopped !== undefined && this.#isReady) this.#readAgain()
    if (this.#clock.steps !== this.#stepsSeen && this.#isStarted) void this.bans.reconcile()
    this.#stepsSeen = this.#clock.steps
    if (performance.now() < this.#forgetAt) return
    this.#forgetAt = performance.now() + FORGET_EVERY_MS
    this.#refusedThisMinute = 0
    if (this.#isStarted) this.bans.drop(this.#intake.forget(this.#clock.now()))
  }

  /** Following has ended for good, as when the topic was made anew: from the beginning. */
  #readAgain(): void {
    this.#isReady = false
    this.#work = this.#work
      .then(() => this.#feed.end())
      .then(() => this.#readWhole())
      .catch((error: Error) => this.#fail(error))
  }
}
