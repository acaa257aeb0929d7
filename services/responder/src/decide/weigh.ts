/**
 * Weigh: does this alert say what nobody was told yet?
 *
 * What counts is what was *told*, not what was seen: an alert whose evidence is an hour old is only recorded, so the next
 * fresh one of its incident is told even where it adds nothing to the record.
 */
import type { Reason } from './reason.ts'

/** What weighing reads of an alert. */
export interface Raised {
  /** Of the alert. */
  readonly id: string
  readonly revision: number
  /** Event time of the packet that caused it, ms since 1970 UTC. */
  readonly time: number
  readonly incident: {
    readonly id: string
    readonly kinds: readonly string[]
    readonly level: number
    readonly lastSeen: number
  }
}

export interface Told {
  readonly level: number
  readonly kinds: readonly string[]
}

/** What is kept in memory of an incident; the alert itself lies in the store. */
export interface Standing {
  readonly incident: string
  readonly alert: string
  readonly revision: number
  readonly lastSeen: number
  /** Null: nobody was told anything. */
  readonly told: Told | null
  /** What was decided about it, newest last. */
  readonly decisions?: readonly DecisionNote[]
}

/** A decision as it is kept, for whoever asks why. */
export interface DecisionNote {
  readonly at: number
  readonly level: number
  readonly reasons: readonly Reason[]
  readonly tell: readonly string[]
  readonly ban: { readonly subject: string; readonly seconds: number; readonly mode: string } | null
}

/** Why an alert is told, and why not. Closed, as they are metric labels. */
export const TELL_REASONS = ['opened', 'level', 'kinds'] as const
export const QUIET_REASONS = ['known', 'older', 'stale', 'nothing-new'] as const
export type TellReason = (typeof TELL_REASONS)[number]
export type QuietReason = (typeof QUIET_REASONS)[number]

export type Judgement =
  | { readonly tell: true; readonly reason: TellReason }
  | { readonly tell: false; readonly reason: QuietReason }

export interface Weighed {
  readonly judgement: Judgement
  /** How the incident stands now; undefined where the alert changed nothing. */
  readonly standing: Standing | undefined
}

/** DESIGN 5: a first start or a catch-up tells nobody of what is long over. */
export const STALE_MS = 3_600_000

export function weigh(before: Standing | undefined, raised: Raised, now: number): Weighed {
  const known = before === undefined ? undefined : alreadyKnown(before, raised)
  if (known !== undefined) return { judgement: { tell: false, reason: known }, standing: undefined }
  const told = before?.told ?? null
  const judgement = judge(told, raised, now)
  return {
    judgement,
    standing: {
      incident: raised.incident.id,
      alert: raised.id,
      revision: raised.revision,
      lastSeen: Math.max(raised.incident.lastSeen, before?.lastSeen ?? raised.incident.lastSeen),
      told: judgement.tell ? withTold(told, raised) : told,
      decisions: before?.decisions ?? [],
    },
  }
}

function alreadyKnown(before: Standing, raised: Raised): QuietReason | undefined {
  if (raised.id === before.alert) return 'known'
  return raised.revision <= before.revision ? 'older' : undefined
}

function judge(told: Told | null, { incident, time }: Raised, now: number): Judgement {
  if (now - time > STALE_MS) return { tell: false, reason: 'stale' }
  if (told === null) return { tell: true, reason: 'opened' }
  if (incident.level > told.level) return { tell: true, reason: 'level' }
  const isKindNew = incident.kinds.some((kind) => !told.kinds.includes(kind))
  return isKindNew ? { tell: true, reason: 'kinds' } : { tell: false, reason: 'nothing-new' }
}

/** A level or kind that was told once is not told again, though the incident itself may take it back. */
function withTold(told: Told | null, { incident }: Raised): Told {
  return {
    level: Math.max(told?.level ?? 0, incident.level),
    kinds: [...new Set([...(told?.kinds ?? []), ...incident.kinds])],
  }
}
