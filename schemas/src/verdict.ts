/**
 * Verdict: what the rule that logged a packet did with it.
 *
 * The kernel does not say. The only witness is the prefix that the admin wrote, so a prefix
 * without a known word stays `unknown`; nothing is guessed from it.
 */

/** Sent by their place: only add behind the last. */
export const VERDICTS = ['drop', 'reject', 'accept', 'audit', 'unknown'] as const

export type Verdict = (typeof VERDICTS)[number]
