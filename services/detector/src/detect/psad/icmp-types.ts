/**
 * ICMP types and codes that exist (IANA "ICMP Parameters" and "ICMPv6 Parameters").
 *
 * The range of types is psad's: 0-40, and 0-4 with 128-147 for ICMPv6; what lies beyond it psad calls invalid.
 * A type without codes of its own takes code 0 only. psad takes none for those, which calls every one invalid.
 */
import { PROTOCOL } from '@picket/schemas'

/** Highest code of each type; types that are not listed have code 0 only, or do not exist. */
const ICMP_CODES: Readonly<Record<number, number>> = { 3: 15, 5: 3, 11: 1, 12: 2, 30: 1, 31: 11, 40: 5 }
const ICMPV6_CODES: Readonly<Record<number, number>> = { 1: 8, 3: 1, 4: 10, 138: 1, 139: 2, 140: 2 }

/** Codes that stand apart: mobile agents (RFC 5944 2.1), and the reset of router renumbering (RFC 2894). */
const ICMP_EXTRA = 9 * 256 + 16
const ICMPV6_EXTRA = 138 * 256 + 255

const ICMP_UNASSIGNED: readonly number[] = [1, 2, 7]

/** One byte per type and code, 1 when it exists. */
const ICMP = tableOf(
  range(0, 40).filter((type) => !ICMP_UNASSIGNED.includes(type)),
  ICMP_CODES,
  ICMP_EXTRA,
)
const ICMPV6 = tableOf([...range(0, 4), ...range(128, 147)], ICMPV6_CODES, ICMPV6_EXTRA)

/** Whether an ICMP or ICMPv6 packet has a type or code that nobody defined. False where the log does not say. */
export function isInvalidIcmp(proto: number, type: number, code: number): boolean {
  if (type < 0 || code < 0) return false
  if (proto === PROTOCOL.ICMP) return ICMP[type * 256 + code] !== 1
  return proto === PROTOCOL.ICMPV6 && ICMPV6[type * 256 + code] !== 1
}

function tableOf(
  types: readonly number[],
  codes: Readonly<Record<number, number>>,
  extra: number,
): Uint8Array {
  const table = new Uint8Array(256 * 256)
  for (const type of types) table.fill(1, type * 256, type * 256 + (codes[type] ?? 0) + 1)
  table[extra] = 1
  return table
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}
