/**
 * Verdict from the prefix: the words that admins and tools put there, and nothing else.
 *
 * Words are runs of letters, so `filter_IN_public_REJECT: ` and `[UFW AUDIT INVALID] ` are read as
 * their parts; the last known word wins, because tools put the target last.
 */
import type { Verdict } from '@picket/schemas'

/** Word, in capitals, to verdict. */
export type VerdictMap = Readonly<Record<string, Verdict>>

export const DEFAULT_VERDICTS: VerdictMap = {
  DROP: 'drop',
  DROPPED: 'drop',
  DENY: 'drop',
  DENIED: 'drop',
  BLOCK: 'drop',
  BLOCKED: 'drop',
  REJECT: 'reject',
  REJECTED: 'reject',
  ACCEPT: 'accept',
  ACCEPTED: 'accept',
  ALLOW: 'accept',
  ALLOWED: 'accept',
  PASS: 'accept',
  PERMIT: 'accept',
  AUDIT: 'audit',
}

/** Makes the judge of prefixes for one map; the map's words may be in any case. */
export function verdictReader(verdicts: VerdictMap): (prefix: string) => Verdict {
  const known = new Map(Object.entries(verdicts).map(([word, verdict]) => [word.toUpperCase(), verdict]))
  return (prefix) => {
    const words = prefix.toUpperCase().match(/[A-Z]+/g) ?? []
    return words.reduce<Verdict>((verdict, word) => known.get(word) ?? verdict, 'unknown')
  }
}
