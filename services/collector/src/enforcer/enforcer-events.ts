/** Events of the fleet's enforcer, beside those of banning itself: keys, messages, the broker. */
import type { Logger, Metrics } from '@picket/runtime'
import type { PinnedKeys } from '@picket/runtime/bans'
import { safeText } from '@picket/schemas'
import { type BanFigures, BansEvents } from './bans-events.ts'

const BROKER_EACH_MS = 10_000

export class EnforcerEvents extends BansEvents {
  readonly #log: Logger
  #poison = 0
  #brokerFaults = 0
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(log: Logger, metrics: Metrics) {
    super(log, metrics)
    this.#log = log
    metrics.counter('picket_enforcer_poison_total', 'Messages that are no bans.', () => this.#poison)
    metrics.counter(
      'picket_enforcer_broker_faults_total',
      'Times that the broker did not do what was asked.',
      () => this.#brokerFaults,
    )
  }

  watchEnforcer(
    metrics: Metrics,
    bans: { readonly figures: BanFigures },
    clock: { readonly skewMs: number },
    box: { readonly waiting: number },
  ): void {
    this.watch(metrics, () => bans.figures)
    metrics.gauge(
      'picket_enforcer_clock_skew_seconds',
      'This machine’s clock less the broker’s.',
      () => clock.skewMs / 1_000,
    )
    metrics.gauge(
      'picket_enforcer_receipts_waiting',
      'Receipts that the broker has not taken yet.',
      () => box.waiting,
    )
  }

  keysRead(keys: PinnedKeys): void {
    const states = [...keys.values()].map(({ state }) => state)
    const pinned = states.filter((state) => state === 'pinned').length
    const retired = states.length - pinned
    if (pinned > 0)
      this.#log.info({ pinned, retired }, `bans are obeyed when one of ${pinned} pinned keys signed them`)
    else this.#log.warn({ pinned, retired }, 'no key is pinned: every ban will be refused (picket keys pin)')
  }

  topicRead(messages: number, ms: number): void {
    this.#log.info(
      { messages },
      `the topic of bans was read to its end: ${messages} messages in ${Math.round(ms)} ms`,
    )
  }

  centrallyAllowed(revision: number, entries: number): void {
    this.#log.info(
      { revision, entries },
      `the fleet never bans ${entries} entries of its allowlist, nor does this host`,
    )
  }

  keyDropped(bans: number): void {
    this.#log.warn({ bans }, `${bans} bans are dropped, since their key is pinned no longer`)
  }

  wentOffline(bans: number): void {
    this.#log.warn(
      { bans },
      'no broker yet: the bans that this host has had are kept, nothing is added or lifted',
    )
  }

  held(isHeld: boolean): void {
    if (isHeld)
      this.#log.warn('HELD BY HAND: all bans are lifted, nothing is banned until "picket enforcer --resume"')
    else this.#log.warn('no longer held by hand: bans are carried out again')
  }

  poison(detail: string): void {
    this.#poison++
    this.#log.warn(`a message on the topic of bans is none: ${safeText(detail, 200)}`)
  }

  ledgerUnusable(fault: string): void {
    this.#log.warn(
      `what was remembered of bans cannot be used, the topic tells it again: ${safeText(fault, 200)}`,
    )
  }

  ledgerFailed(error: Error): void {
    this.#log.error({ err: error }, 'the bans could not be saved; the next start verifies them again')
  }

  /** Told once in a while: it is tried again and again. */
  brokerFailed(error: Error): void {
    this.#brokerFaults++
    const now = performance.now()
    if (now - this.#saidAt < BROKER_EACH_MS) return
    this.#saidAt = now
    this.#log.warn({ err: error }, 'the broker did not do what was asked; hosts keep what they have')
  }
}
