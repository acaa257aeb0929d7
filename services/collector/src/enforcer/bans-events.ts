/**
 * Events of whoever bans on this host: the only place of this folder that logs or counts. The fleet's enforcer and `picket run` share it.
 */
import type { Logger, Metrics } from '@picket/runtime'
import { safeText } from '@picket/schemas'
import type { BanOutcome } from '../enforce/ban-outcome.ts'
import { REFUSALS } from '../enforce/refusals.ts'

const OUTCOMES = ['applied', 'lifted', 'refused', 'expired', 'failed'] as const
/** More than this many outcomes of one round are told as a number. */
const TOLD_ONE_BY_ONE = 20
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What the gauges show, read when somebody scrapes. */
export interface BanFigures {
  readonly inKernel: number
  readonly wished: number
  readonly refused: number
}

export class BansEvents {
  readonly #log: Logger
  readonly #outcomes: Record<string, number> = Object.fromEntries(OUTCOMES.map((name) => [name, 0]))
  readonly #refusals: Record<string, number> = Object.fromEntries(REFUSALS.map((name) => [name, 0]))
  readonly #tookSeconds: (seconds: number) => void
  #flushes = 0
  #failures = 0

  constructor(log: Logger, metrics: Metrics) {
    this.#log = log
    metrics.counterBy(
      'picket_enforcer_outcomes_total',
      'What became of bans and of their ends.',
      'outcome',
      () => this.#outcomes,
    )
    metrics.counterBy(
      'picket_enforcer_refused_total',
      'Bans that this host did not carry out, by reason.',
      'reason',
      () => this.#refusals,
    )
    metrics.counter(
      'picket_enforcer_flushes_total',
      'Times that others took our table away and it was restored.',
      () => this.#flushes,
    )
    metrics.counter(
      'picket_enforcer_failures_total',
      'Times that the firewall could not be changed or read.',
      () => this.#failures,
    )
    this.#tookSeconds = metrics.histogram(
      'picket_enforcer_round_seconds',
      'From a round’s begin until the kernel was read back.',
      SECONDS,
    )
  }

  watch(metrics: Metrics, figures: () => BanFigures): void {
    metrics.gauge(
      'picket_enforcer_bans_in_kernel',
      'Elements that the kernel holds.',
      () => figures().inKernel,
    )
    metrics.gauge(
      'picket_enforcer_bans_wished',
      'Bans that are wished of this host now.',
      () => figures().wished,
    )
    metrics.gauge(
      'picket_enforcer_bans_refused',
      'Of these, the ones that it refuses.',
      () => figures().refused,
    )
  }

  firewallChosen(name: string, isReal: boolean, passedOver: readonly { name: string; why: string }[]): void {
    for (const { name: other, why } of passedOver)
      this.#log.warn({ firewall: other }, `${other} cannot be used: ${safeText(why)}`)
    if (isReal) this.#log.info({ firewall: name }, `bans go to the kernel by ${name}`)
    else
      this.#log.warn(
        { firewall: name },
        'DRY RUN: nothing is banned on this host; each ban is refused and says so',
      )
  }

  refused(reason: string, subject: string, detail: string): void {
    count(this.#refusals, reason)
    count(this.#outcomes, 'refused')
    this.#log.warn({ subject: safeText(subject, 64), reason }, `refused: ${safeText(detail)}`)
  }

  /** Of one round. */
  became(outcomes: readonly BanOutcome[]): void {
    for (const outcome of outcomes) {
      count(this.#outcomes, outcome.outcome)
      if (outcome.outcome === 'refused') count(this.#refusals, outcome.reason)
      if (outcomes.length <= TOLD_ONE_BY_ONE) this.#tell(outcome)
    }
    if (outcomes.length > TOLD_ONE_BY_ONE) this.#log.info({ bans: outcomes.length }, 'many bans at once')
  }

  #tell(outcome: BanOutcome): void {
    const { subject, revision } = outcome
    const fields = { subject, revision, outcome: outcome.outcome }
    const text = `${subject}: ${outcome.outcome} (${safeText(outcome.why, 200)})`
    if (outcome.outcome === 'refused') this.#log.warn({ ...fields, reason: outcome.reason }, text)
    else if (outcome.outcome === 'failed') this.#log.error(fields, text)
    else this.#log.info(fields, text)
  }

  roundTook(seconds: number): void {
    this.#tookSeconds(seconds)
  }

  flushed(): void {
    this.#flushes++
    this.#log.warn(
      'somebody has taken our table from the kernel; all bans are put back with the time that remains',
    )
  }

  failed(error: Error): void {
    this.#failures++
    this.#log.error({ err: error }, 'the firewall could not be changed or read; it is tried again')
  }

  factsMissing(faults: readonly string[]): void {
    this.#log.warn(
      { faults },
      'not all is known of what must never be banned; what was known before holds on',
    )
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
