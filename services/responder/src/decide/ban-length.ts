/**
 * Ban length: longer for whoever comes back, forgotten after a while, never beyond the cap.
 *
 * The jitter hangs on the subject alone and not on the clock: the same history gives the same length on any machine, and a longer
 * history never a shorter one.
 */
import { hashText } from '@picket/schemas'
import type { BanLengths } from './decision-policy.ts'
import { counted, type Reason, reason, spokenSeconds } from './reason.ts'

const SEED = 0x6c656e67
const MOST_DOUBLINGS = 64

/** A ban that was, in ms. */
export interface PastBan {
  readonly from: number
  readonly until: number
}

export interface BanLength {
  readonly seconds: number
  readonly reasons: readonly Reason[]
}

/** `now` in ms. */
export function banLength(
  subject: string,
  base: number,
  past: readonly PastBan[],
  lengths: BanLengths,
  now: number,
): BanLength {
  const { factor, capSeconds, jitterPercent } = lengths
  const before = remembered(past, lengths, now).length
  const jitter = 1 + ((jitterPercent / 100) * (hashText(subject, SEED) >>> 0)) / 2 ** 32
  const wanted = base * Math.max(1, factor) ** Math.min(before, MOST_DOUBLINGS) * jitter
  const seconds = Math.max(1, Math.min(Math.round(wanted), capSeconds))
  const memory = spokenSeconds(lengths.memorySeconds)
  const reasons = [
    ...(before === 0
      ? []
      : [
          reason(
            'repeat',
            `${counted(before, 'ban')} before within ${memory}: ${factor} times as long for each`,
          ),
        ]),
    ...(wanted > capSeconds ? [reason('length', `no ban is longer than ${spokenSeconds(capSeconds)}`)] : []),
  ]
  return { seconds, reasons }
}

/** Those that have ended, not longer ago than is remembered. What is still in force is no repetition. */
export function remembered(
  past: readonly PastBan[],
  { memorySeconds }: Pick<BanLengths, 'memorySeconds'>,
  now: number,
): PastBan[] {
  return past.filter(({ until }) => until <= now && now - until < memorySeconds * 1000)
}
