/**
 * Where the kernel's own text begins: at `IN=`, whatever the prefix before it holds.
 *
 * The prefix is free text and may be glued to `IN=`, or contain `SRC=` and brackets. So the place is
 * the first `IN=` whose value, an interface name, is followed by ` OUT=`; kernels before 2.6.15 wrote
 * ` PHYSIN=` between the two, whose own tail `IN=eth0 OUT=` must not be taken for it.
 */
import { behindToken, isBefore, wordAt } from './token.ts'

/** 127 bytes (NF_LOG_PREFIXLEN), each of which a logger may have escaped to four. */
export const MAX_PREFIX = 512
/** IFNAMSIZ is 16; some room for loggers that decorate. Also what keeps the search linear. */
const MAX_INTERFACE = 32

/** The position of `IN=`, or -1. */
export function findBody(bytes: Uint8Array, start: number, end: number): number {
  const last = Math.min(end - 8, start + MAX_PREFIX)
  for (let at = start; at <= last; at++) {
    if (
      bytes[at] === 73 /* I */ &&
      bytes[at + 1] === 78 &&
      bytes[at + 2] === 61 &&
      isHead(bytes, at, start, end)
    ) {
      return at
    }
  }
  return -1
}

function isHead(bytes: Uint8Array, at: number, start: number, end: number): boolean {
  if (at - 4 >= start && wordAt(bytes, at - 4) === 0x50485953 /* PHYS */) return false
  const next = behindName(bytes, at + 3, end)
  return isOut(bytes, next, end) || isOut(bytes, behindPhysIn(bytes, next, end), end)
}

function isOut(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= 4 && wordAt(bytes, at) === 0x4f55543d /* OUT= */
}

/** The position behind `PHYSIN=… ` where it stands between IN= and OUT=, else `at`. */
export function behindPhysIn(bytes: Uint8Array, at: number, end: number): number {
  return end - at >= 8 && wordAt(bytes, at) === 0x50485953 /* PHYS */ ? behindName(bytes, at, end) : at
}

/** Behind a name and one blank; `end` where the name is longer than any. */
function behindName(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + MAX_INTERFACE)
  const at = behindToken(bytes, start, limit)
  return isBefore(bytes, at - 1, limit, 32) ? at : end
}
