/**
 * Tokens of the kernel's line: runs of bytes between blanks.
 *
 * Every function takes the line's end and never looks behind it: the bytes there belong to the next
 * line, or lie outside of the array, which V8 punishes with slow code.
 */

import { DUPLICATE_FIELD } from '../outcome.ts'
import { HEX } from './digits.ts'

/** Four bytes as one number. The caller has made sure that they are there. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}

/** The position behind this token and the blank after it. */
export function behindToken(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== 32) at++
  return at < end ? at + 1 : end
}

/** The same for a token that nobody knows; a second `IN=` or address is refused wherever it stands. */
export function behindUnknown(bytes: Uint8Array, at: number, end: number): number {
  const word = wordAt(bytes, at)
  if (word >>> 8 === 0x494e3d /* IN= */) return DUPLICATE_FIELD
  if (word === 0x4f55543d /* OUT= */ || word === 0x5352433d /* SRC= */) return DUPLICATE_FIELD
  return bytes[at] === 32 ? at + 1 : behindToken(bytes, at, end)
}

export function behindBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] === 32) at++
  return at
}

export function behindHex(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && (HEX[bytes[at] as number] as number) < 16) at++
  return at
}

/** Whether `byte` stands at `at`, before the line's end. */
export function isBefore(bytes: Uint8Array, at: number, end: number, byte: number): boolean {
  return at < end && bytes[at] === byte
}

export function touchesEnd(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end && bytes[at] !== 32) at++
  return at >= end
}
