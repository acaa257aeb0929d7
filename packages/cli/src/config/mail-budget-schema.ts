/** Section `mailBudget`: what keeps a storm out of mailboxes. */
import { DEFAULT_MAIL_BUDGET, type MailBudget } from '@picket/responder'
import { z } from 'zod'
import { seconds, whole } from './values.ts'

export interface MailBudgetConfig {
  readonly perHour: number
  readonly digestAfter: number
  readonly gatherSeconds: number
  readonly digestEverySeconds: number
}

const D = DEFAULT_MAIL_BUDGET

export const MAIL_BUDGET: z.ZodType<MailBudgetConfig> = z
  .strictObject({
    perHour: whole(
      D.perHour,
      1,
      'Mails within an hour at most, to each channel; the last one is kept for a digest.',
      1_000,
    ),
    digestAfter: whole(D.digestAfter, 1, 'So many leave at once; what comes then is gathered.', 1_000),
    gatherSeconds: seconds(D.gatherMs / 1_000, 'So long the first digest gathers.'),
    digestEverySeconds: seconds(D.digestEveryMs / 1_000, 'Time between digests.'),
  })
  .prefault({ gatherSeconds: undefined, digestEverySeconds: undefined })
  .describe(
    'How many mails and Slack messages leave in a storm. Nothing is dropped: a digest lists or counts it.',
  )

export function mailBudget(config: MailBudgetConfig): MailBudget {
  const { perHour, digestAfter, gatherSeconds, digestEverySeconds } = config
  return { perHour, digestAfter, gatherMs: gatherSeconds * 1_000, digestEveryMs: digestEverySeconds * 1_000 }
}
