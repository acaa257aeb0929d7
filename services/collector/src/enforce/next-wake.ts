/** When time alone changes what is to be in the kernel. */
import type { HostWish } from './ban-outcome.ts'
import { nextStart, spanAt } from './wish-book.ts'

/** The next moment at which a wish begins, is admitted, or makes room for one that it covers; infinite for never. */
export function nextWake(wishes: readonly HostWish[], now: number): number {
  return wishes.reduce((next, wish) => Math.min(next, wakeOf(wish, now)), Number.POSITIVE_INFINITY)
}

function wakeOf({ subject, spans, admittedAt }: HostWish, now: number): number {
  const start = nextStart(spans, now) ?? Number.POSITIVE_INFINITY
  const span = spanAt(spans, now)
  if (span === undefined) return start
  const admitted = admittedAt > now ? admittedAt : Number.POSITIVE_INFINITY
  return Math.min(start, admitted, subject.includes('/') ? span.until : Number.POSITIVE_INFINITY)
}
