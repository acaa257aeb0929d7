/**
 * TogetherPolicy: every number by which the second stage judges what many sources do together (docs/adr/0009).
 *
 * Shares are in hundredths and the chance is a power of ten, so that a configuration holds whole numbers only.
 */
export interface TogetherPolicy {
  /** So many sources of one network on one target, at least. */
  readonly sources: number
  /** A source with as many contacts in all is a scanner alone, and its own incident. */
  readonly contacts: number
  /** Chance would bring so many together in one of 10^n cells. */
  readonly chanceExponent: number
  /** Contacts that stand for what was not seen yet, so that after a fresh start no network's share is all. */
  readonly priorContacts: number
  /** Hundredths: mean overlap of what two of the sources touched, at most. */
  readonly overlapPercent: number
  /** Hundredths: distinct things touched of all contacts, at least. Sources that share the work do not repeat it. */
  readonly distinctPercent: number
  /** Hundredths: hosts touched of all hosts seen, at least, where the target is a port. */
  readonly coveragePercent: number
  /** Contacts of the last day that a partition remembers; beyond, those of the least telling networks go, and are counted. */
  readonly remembered: number
}

export const TOGETHER_POLICY: TogetherPolicy = {
  sources: 5,
  contacts: 8,
  chanceExponent: 6,
  priorContacts: 1_000,
  overlapPercent: 20,
  distinctPercent: 80,
  coveragePercent: 50,
  remembered: 16_384,
}
