/**
 * Reason: why something was decided, as a code out of a closed list (a metric label) and a sentence with its numbers.
 *
 * A decision never lacks one: whoever is not told or not banned has a right to know why, too.
 */

export const DECISION_CODES = [
  // whom it is told
  'rule',
  'no-rule',
  'told-before',
  'only-rises',
  'mail-limit',
  'mail-throttle',
  'no-channel',
  'stale',
  // what is done about the source
  'ban',
  'would-ban',
  'no-ban-asked',
  'no-key',
  'allowlisted',
  'special-address',
  'own-host',
  'many-sources',
  'suspect-kind',
  'one-packet',
  'spoofable',
  'proof',
  'prefix-mismatch',
  'already-banned',
  'lifted',
  'repeat',
  'length',
  'widened',
  'cap-rate',
  'cap-total',
  'too-wide',
  'host-refused',
] as const
export type DecisionCode = (typeof DECISION_CODES)[number]

export interface Reason {
  readonly code: DecisionCode
  readonly text: string
}

export function reason(code: DecisionCode, text: string): Reason {
  return { code, text }
}

export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** `1 hour 30 minutes`. */
export function spokenSeconds(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds))
  const parts: string[] = []
  for (const [word, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(counted(count, word))
  }
  return parts.slice(0, 2).join(' ') || '0 seconds'
}
