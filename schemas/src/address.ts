/**
 * Addresses: 128 bits as four 32-bit words, most significant first.
 *
 * An IPv4 address is held as its IPv4-mapped form (::ffff:a.b.c.d, RFC 4291 2.5.5.2), so both
 * families share one representation and a mapped address *is* its IPv4 address: two spellings
 * can never be two sources. Words are signed (Int32Array); compare them for equality, or with `>>> 0`.
 */

/** Four words. Hot paths reuse one array and overwrite it: copy what must be kept. */
export type Address = Int32Array

/** The third word of every IPv4-mapped address. */
export const V4_MARK = 0xffff

export function isV4(address: Address): boolean {
  return address[0] === 0 && address[1] === 0 && address[2] === V4_MARK
}

export function setV4(into: Address, word: number): void {
  into[0] = 0
  into[1] = 0
  into[2] = V4_MARK
  into[3] = word
}

export function sameAddress(a: Address, b: Address): boolean {
  return a[3] === b[3] && a[2] === b[2] && a[1] === b[1] && a[0] === b[0]
}

/** Unsigned numeric order, IPv4 (as mapped) among IPv6: negative, zero or positive. */
export function compareAddresses(a: Address, b: Address): number {
  for (let i = 0; i < 4; i++) {
    const difference = ((a[i] as number) >>> 0) - ((b[i] as number) >>> 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Zeroes every bit behind `bits` (0 to 128, counted on the 128-bit form). */
export function maskAddress(address: Address, bits: number): Address {
  const masked = new Int32Array(4)
  for (let i = 0; i < 4; i++) {
    const keep = Math.min(Math.max(bits - i * 32, 0), 32)
    masked[i] = keep === 0 ? 0 : (address[i] as number) & (-1 << (32 - keep))
  }
  return masked
}
