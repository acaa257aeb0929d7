/**
 * Digits in bytes: where they end, and what they are worth.
 *
 * `decimal` trusts its caller to have found digits; it is exact up to fifteen of them.
 */

/** Hex digit to value, 255 for any other byte. */
export const HEX: Uint8Array = hexValues()

export function digitsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && (bytes[at] as number) >= 48 && (bytes[at] as number) <= 57) at++
  return at
}

export function decimal(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at++) value = value * 10 + (bytes[at] as number) - 48
  return value
}

function hexValues(): Uint8Array {
  const values = new Uint8Array(256).fill(255)
  for (let i = 0; i < 10; i++) values[48 + i] = i
  for (let i = 0; i < 6; i++) {
    values[65 + i] = 10 + i
    values[97 + i] = 10 + i
  }
  return values
}
