/**
 * Mail limits: EMAIL_LIMIT and EMAIL_THROTTLE as psad documents them, not as it does them.
 *
 * Only what was really told counts against the limit (psad counts mails that it never sent), and a throttle of N lets one alert of N
 * through, the first (psad drops one of N).
 */
import type { MailLimits } from './decision-policy.ts'
import { counted, type Reason, reason } from './reason.ts'

/** Of one source, or of a source and one destination where the limit is per destination. */
export interface ToldCount {
  readonly told: number
  /** Alerts that would have been told but for the limits. */
  readonly offered: number
}

export const NOTHING_TOLD: ToldCount = { told: 0, offered: 0 }

/** Why this alert is not told; undefined when it is. */
export function mailVerdict({ told, offered }: ToldCount, limits: MailLimits): Reason | undefined {
  const { perSource, throttle } = limits
  if (perSource > 0 && told >= perSource)
    return reason(
      'mail-limit',
      `nobody is told: ${counted(told, 'mail')} of at most ${perSource} were sent (EMAIL_LIMIT)`,
    )
  if (throttle > 1 && offered % throttle !== 0)
    return reason('mail-throttle', `nobody is told: one alert of ${throttle} is (EMAIL_THROTTLE)`)
  return undefined
}

export function isLimiting({ perSource, throttle }: MailLimits): boolean {
  return perSource > 0 || throttle > 1
}

/** After a decision; `isOffered`: only a limit could have kept it from being told. */
export function counting(before: ToldCount, isOffered: boolean, isTold: boolean): ToldCount {
  return { told: before.told + Number(isTold), offered: before.offered + Number(isOffered) }
}
