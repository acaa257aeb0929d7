/**
 * Numbers in the line: digits up to a blank or the line's end, and nothing else.
 *
 * A reader returns the position behind that blank, or a refusal, and leaves the number in a field: two
 * results without an object being made.
 */

import { BAD_NUMBER, CUT } from '../outcome.ts'
import { HEX } from './digits.ts'
import { isBefore } from './token.ts'

export class NumberReader {
  /** What `decimal` and `hexOctet` read last. */
  value = 0
  /** What `wideDecimal` read last; an array, so that no float is boxed. */
  readonly wide: Float64Array = new Float64Array(1)

  decimal(bytes: Uint8Array, start: number, end: number, max: number): number {
    let value = 0
    let at = start
    for (; at < end; at++) {
      const digit = (bytes[at] as number) - 48
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      if (value > max) return BAD_NUMBER
    }
    this.value = value
    return behindNumber(bytes, start, at, end)
  }

  /** The same up to 2^32 - 1, into `wide`: two halves, each a small integer. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one pass over SEQ= and ACK= of every TCP line
  wideDecimal(bytes: Uint8Array, start: number, end: number): number {
    let high = 0
    let low = 0
    let at = start
    for (; at < end; at++) {
      const digit = (bytes[at] as number) - 48
      if (digit < 0 || digit > 9) break
      if (at - start < 5) high = high * 10 + digit
      else low = low * 10 + digit
      if (low > 99_999) return BAD_NUMBER
    }
    const digits = at - start
    if (digits > 10) return BAD_NUMBER
    const value = digits > 5 ? high * (TENS[digits - 5] as number) + low : high
    if (value > 0xffffffff) return BAD_NUMBER
    this.wide[0] = value
    return behindNumber(bytes, start, at, end)
  }

  /** `0x1F`, or `1F` as LOGEMU writes it. */
  hexOctet(bytes: Uint8Array, start: number, end: number): number {
    const first = isBefore(bytes, start + 1, end, 120 /* x */) && bytes[start] === 48 ? start + 2 : start
    let value = 0
    let at = first
    for (; at < end; at++) {
      const digit = HEX[bytes[at] as number] as number
      if (digit > 15) break
      value = (value << 4) | digit
      if (value > 255) return BAD_NUMBER
    }
    this.value = value
    return behindNumber(bytes, first, at, end)
  }
}

/** Where a number has stopped: at its end, within the line, or at something that is no number. */
function behindNumber(bytes: Uint8Array, start: number, at: number, end: number): number {
  if (at === start) return at >= end ? CUT : BAD_NUMBER
  return at < end && bytes[at] !== 32 ? BAD_NUMBER : at + 1
}

const TENS: Float64Array = new Float64Array([1, 10, 100, 1_000, 10_000, 100_000])
