/**
 * What became of each wish in one round, as it is told to the fleet.
 *
 * `applied` is said of what the kernel showed afterwards, not of what its tool accepted.
 */
import type { Failures } from './kernel-bans.ts'
import type { BanPlan } from './plan-bans.ts'
import type { Refusal, RefusalReason } from './refusals.ts'
import { nextStart, type Span, spanAt } from './wish-book.ts'

export type BanOutcome = {
  readonly subject: string
  readonly revision: number
  readonly why: string
} & (
  | { readonly outcome: 'applied'; readonly readBack: number }
  | { readonly outcome: 'lifted'; readonly readBack: number }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason }
  | { readonly outcome: 'expired' | 'failed' }
)

/** One subject's wish, as this host is to carry it out. */
export interface HostWish {
  readonly subject: string
  readonly revision: number
  readonly spans: readonly Span[]
  readonly admittedAt: number
  /** There are bans of it, but for other hosts only: nothing is said. */
  readonly isForOthers?: boolean
}

export interface Round {
  readonly wishes: readonly HostWish[]
  readonly plan: BanPlan
  readonly failures: Failures
  /** What the kernel showed afterwards. */
  readonly present: ReadonlySet<string>
  readonly isReal: boolean
  readonly now: number
}

export function outcomesOf(round: Round): BanOutcome[] {
  const refusals = new Map(round.plan.refused.map((refusal) => [refusal.subject, refusal]))
  const covers = new Map(round.plan.covered.map(({ subject, by }) => [subject.text, by.text]))
  return round.wishes.flatMap((wish) => {
    const outcome = outcomeOf(wish, round, refusals.get(wish.subject), covers.get(wish.subject))
    return outcome === undefined ? [] : [outcome]
  })
}

function outcomeOf(
  wish: HostWish,
  round: Round,
  refusal: Refusal | undefined,
  coveredBy: string | undefined,
): BanOutcome | undefined {
  const { subject, revision } = wish
  const failure = round.failures.get(subject)
  if (failure !== undefined) return { subject, revision, outcome: 'failed', why: failure }
  if (refusal !== undefined)
    return { subject, revision, outcome: 'refused', reason: refusal.reason, why: refusal.detail }
  const span = spanAt(wish.spans, round.now)
  if (span === undefined) return endOf(wish, round)
  if (!round.isReal) return { subject, revision, outcome: 'refused', reason: 'dry-run', why: DRY }
  const held = coveredBy ?? subject
  if (!round.present.has(held))
    return { subject, revision, outcome: 'failed', why: 'the kernel does not show it' }
  const why = coveredBy === undefined ? span.why : `within ${coveredBy}, which is banned`
  return { subject, revision, outcome: 'applied', why, readBack: round.now }
}

const DRY = 'dry run: it would have been banned'

/** Of every ban that runs, while somebody holds this host's bans back by hand. */
export function heldOutcomes(wishes: Iterable<HostWish>, now: number): BanOutcome[] {
  const running = [...wishes].filter(({ spans }) => spanAt(spans, now) !== undefined)
  return running.map(({ subject, revision }) => ({
    subject,
    revision,
    outcome: 'refused',
    reason: 'held',
    why: 'all bans of this host are held back by hand',
  }))
}

/** No ban that runs: it was lifted, its end has passed, it is for others, or it has not begun. */
function endOf({ subject, revision, spans, isForOthers }: HostWish, round: Round): BanOutcome | undefined {
  if (round.present.has(subject))
    return { subject, revision, outcome: 'failed', why: 'the kernel shows it still' }
  if (isForOthers === true || nextStart(spans, round.now) !== undefined) return undefined
  if (spans.length > 0) return { subject, revision, outcome: 'expired', why: 'its end has passed' }
  return { subject, revision, outcome: 'lifted', why: 'no ban is wished', readBack: round.now }
}
