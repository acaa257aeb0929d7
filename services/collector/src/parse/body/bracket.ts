/**
 * Brackets: `[8 bytes]`, and the packet that an ICMP error speaks of, whose SRC= is ours.
 *
 * Such a packet may hold a bracket in turn, so they are counted; one that never closes cuts the line.
 */
import type { Packet } from '@picket/schemas'
import { CUT } from '../outcome.ts'

/** The position behind the bracket that opens at `start`. */
export function scanBracket(bytes: Uint8Array, start: number, end: number, into: Packet): number {
  let depth = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at]
    if (byte === 91) depth++
    else if (byte === 93 && --depth === 0) {
      if (into.icmpType >= 0 && !into.incomplete && into.inner.start < 0) {
        into.inner.start = start + 1
        into.inner.end = at
      }
      return at + 1
    }
  }
  return CUT
}
