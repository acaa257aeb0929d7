/**
 * Outcome: what became of one line, from a closed list.
 *
 * Readers in this folder walk positions, which are never negative; a refusal therefore travels as a
 * negative number in the place of a position, and becomes its reason only at the outer edge.
 */
export const UNPARSED_REASONS = [
  /** Not written by the firewall: another program's line, or text that only looks like one of ours. */
  'not-firewall',
  /** A frame that carries no IP packet (ARP, say). */
  'not-ip',
  /** The line ends before what it tells can be trusted. */
  'cut',
  /** The kernel itself wrote no PROTO= (later fragments of AH and ESP). */
  'no-protocol',
  /** A field stands twice where the kernel writes it once: two lines run into one, or a forgery. */
  'duplicate-field',
  'bad-address',
  'bad-number',
  'bad-protocol',
  'bad-time',
  'bad-json',
  'too-long',
] as const

export type UnparsedReason = (typeof UNPARSED_REASONS)[number]

export type Outcome = 'packet' | UnparsedReason

export const NOT_FIREWALL = -1
export const NOT_IP = -2
export const CUT = -3
export const NO_PROTOCOL = -4
export const DUPLICATE_FIELD = -5
export const BAD_ADDRESS = -6
export const BAD_NUMBER = -7
export const BAD_PROTOCOL = -8
export const BAD_TIME = -9
export const BAD_JSON = -10
export const TOO_LONG = -11

/** The bytes are not of the form that was tried. No refusal: another form is tried next. */
export const NO_MATCH = -100

/** The reason that a negative position stands for. */
export function reasonOf(refusal: number): UnparsedReason {
  return UNPARSED_REASONS[-refusal - 1] ?? 'not-firewall'
}
