/**
 * The kernel's own stamp: `[  884.320171] `, seconds since boot, padded to 5 + 6 digits.
 *
 * A prefix may open with a bracket as well (`[UFW BLOCK] `), so only blanks, digits, one point
 * and six digits make a stamp. CONFIG_PRINTK_CALLER adds `[ T1234]` or `[ C0]` behind it.
 */
import { decimal, digitsEnd } from '../body/digits.ts'
import { behindBlanks, isBefore } from '../body/token.ts'

/** The position behind the stamp and its blank, or `start` where none stands. */
export function behindStamp(bytes: Uint8Array, start: number, end: number): number {
  if (!isBefore(bytes, start, end, 91 /* [ */)) return start
  const at = behindBlanks(bytes, start + 1, end)
  const seconds = digitsEnd(bytes, at, end)
  if (seconds === at || !isBefore(bytes, seconds, end, 46 /* . */)) return start
  const micros = digitsEnd(bytes, seconds + 1, end)
  if (micros !== seconds + 7) return start
  const close = isBefore(bytes, micros, end, 32) ? behindDelta(bytes, micros, end) : micros
  if (!isBefore(bytes, close, end, 93 /* ] */)) return start
  return behindBlank(bytes, behindCaller(bytes, close + 1, end), end)
}

/** Milliseconds since boot of the stamp at `start`, which the caller has found there. */
export function stampMs(bytes: Uint8Array, start: number, end: number): number {
  const at = behindBlanks(bytes, start + 1, end)
  const point = digitsEnd(bytes, at, end)
  return decimal(bytes, at, point) * 1000 + decimal(bytes, point + 1, point + 4)
}

/** dmesg -d writes ` <    0.000023>` into the bracket. */
function behindDelta(bytes: Uint8Array, start: number, end: number): number {
  if (!isBefore(bytes, start + 1, end, 60 /* < */)) return start
  const limit = Math.min(end, start + 24)
  let at = start
  while (at < limit && bytes[at] !== 62 /* > */) at++
  return at + 1
}

function behindCaller(bytes: Uint8Array, start: number, end: number): number {
  if (!isBefore(bytes, start, end, 91 /* [ */)) return start
  const at = behindBlanks(bytes, start + 1, end)
  if (!isBefore(bytes, at, end, 84 /* T */) && !isBefore(bytes, at, end, 67 /* C */)) return start
  const close = digitsEnd(bytes, at + 1, end)
  return isBefore(bytes, close, end, 93) ? close + 1 : start
}

function behindBlank(bytes: Uint8Array, at: number, end: number): number {
  return isBefore(bytes, at, end, 32) ? at + 1 : at
}
