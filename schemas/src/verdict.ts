/**
 * Verdict: what the rule that logged a packet did with it.
 *
 * The kernel does not say. The only witness is the prefix that the admin wrote, so a prefix
 * without a known word stays `unknown`; nothing is guessed from it.
 */
export type Verdict = 'drop' | 'reject' | 'accept' | 'audit' | 'unknown'
