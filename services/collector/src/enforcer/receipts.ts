/** Receipts: what the fleet is told of a ban. The reason stands first in `why`, before a colon. */
import { ALLOWLIST_KEY } from '@picket/runtime/bans'
import { safeText } from '@picket/schemas'
import type { Ban, BanReceipt } from '@picket/schemas/messages'
import type { BanOutcome } from '../enforce/ban-outcome.ts'
import type { RefusalReason } from '../enforce/refusals.ts'

const WHY_LENGTH = 300
const SUBJECT_LENGTH = 64

export function receiptOf(outcome: BanOutcome): BanReceipt {
  const { subject, revision, outcome: word } = outcome
  const why = outcome.outcome === 'refused' ? `${outcome.reason}: ${outcome.why}` : outcome.why
  const kernelReadBack = 'readBack' in outcome ? Math.round(outcome.readBack) : 0
  return { subject, revision, outcome: word, why: safeText(why, WHY_LENGTH), kernelReadBack }
}

/** This host holds the fleet's allowlist. */
export function allowlistReceipt(revision: number, entries: number, readBack: number): BanReceipt {
  const why = `${entries} entries are never banned here`
  return { subject: ALLOWLIST_KEY, revision, outcome: 'applied', why, kernelReadBack: Math.round(readBack) }
}

/** Of a message that was not obeyed at all. */
export function refusalReceipt(
  { subject, revision }: Pick<Ban, 'subject' | 'revision'>,
  reason: RefusalReason,
  detail: string,
): BanReceipt {
  return {
    subject: safeText(subject, SUBJECT_LENGTH),
    revision,
    outcome: 'refused',
    why: safeText(`${reason}: ${detail}`, WHY_LENGTH),
    kernelReadBack: 0,
  }
}
