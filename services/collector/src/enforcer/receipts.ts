/** Receipts: what the fleet is told of a ban. The reason stands first in `why`, before a colon. */
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

/** Of a message that was not obeyed at all. */
export function refusalReceipt(
  { subject, revision }: Ban,
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
