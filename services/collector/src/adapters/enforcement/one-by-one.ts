/**
 * A transaction that fails as a whole is tried again subject by subject, so that one bad element does not keep all others out.
 */
import type { Failures, Transaction } from '../../enforce/kernel-bans.ts'

/** `attempt` answers with why it failed, or undefined. */
export async function withFallback(
  transaction: Transaction,
  attempt: (part: Transaction) => Promise<string | undefined>,
): Promise<Failures> {
  const failures = new Map<string, string>()
  const whole = await attempt(transaction)
  if (whole === undefined) return failures
  const parts = partsOf(transaction)
  if (parts.length === 1 && parts[0] !== undefined) return failures.set(parts[0].text, whole)
  for (const { text, part } of parts) {
    const why = await attempt(part)
    if (why !== undefined) failures.set(text, why)
  }
  return failures
}

/** Lifts first: what is added may need their place. */
function partsOf({ set, lift }: Transaction): { readonly text: string; readonly part: Transaction }[] {
  return [
    ...lift.map((subject) => ({ text: subject.text, part: { set: [], lift: [subject] } })),
    ...set.map((timed) => ({ text: timed.subject.text, part: { set: [timed], lift: [] } })),
  ]
}
