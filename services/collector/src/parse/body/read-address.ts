/**
 * Address bytes to words, straight out of the line.
 *
 * Only the spellings that loggers write are taken: dotted quads without leading zeros (an octal
 * reading would be another address), full IPv6 (kernel) and compressed IPv6 (ulogd). Whatever touches
 * the address other than a blank or the line's end makes it no address at all.
 */
import { type Address, setV4 } from '@picket/schemas'
import { decimal, digitsEnd, HEX } from './digits.ts'
import { isBefore } from './token.ts'

/** Bits, so that the families of a line's two addresses can be gathered in one number. */
export const V4_SPELT = 4
export const V6_SPELT = 8

export class AddressReader {
  /** How the last address was spelt: V4_SPELT or V6_SPELT. */
  family: number = V4_SPELT
  private readonly groups: Uint16Array = new Uint16Array(8)
  private readonly tail: Uint8Array = new Uint8Array(4)

  /** Returns the position behind the address, or -1 where none stands. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one pass over the bytes of two addresses a line
  read(bytes: Uint8Array, start: number, end: number, into: Address): number {
    let word = 0
    let octet = -1
    let dots = 0
    let at = start
    for (; at < end; at++) {
      const byte = bytes[at] as number
      const digit = byte - 48
      if (digit >= 0 && digit <= 9) {
        if (octet === 0) return this.readV6(bytes, start, end, into)
        octet = octet < 0 ? digit : octet * 10 + digit
        if (octet > 255) return this.readV6(bytes, start, end, into)
      } else if (byte === 46 /* . */ && octet >= 0) {
        word = (word << 8) | octet
        octet = -1
        dots++
      } else break
    }
    if (dots !== 3 || octet < 0 || (at < end && bytes[at] !== 32)) return this.readV6(bytes, start, end, into)
    setV4(into, (word << 8) | octet)
    this.family = V4_SPELT
    return at
  }

  private readV6(bytes: Uint8Array, start: number, end: number, into: Address): number {
    const at = this.readGroups(bytes, start, end)
    if (at < 0 || (at < end && bytes[at] !== 32)) return -1
    const groups = this.groups
    for (let i = 0; i < 4; i++) {
      into[i] = ((groups[2 * i] as number) << 16) | (groups[2 * i + 1] as number)
    }
    this.family = V6_SPELT
    return at
  }

  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one pass over the bytes of every IPv6 line
  private readGroups(bytes: Uint8Array, start: number, end: number): number {
    let count = 0
    let at = start
    let gap = -1
    if (end - at > 1 && bytes[at] === 58 /* : */ && bytes[at + 1] === 58) {
      gap = 0
      at += 2
    }
    while (true) {
      const first = at
      let value = 0
      while (at < end && at - first < 4) {
        const digit = HEX[bytes[at] as number] as number
        if (digit > 15) break
        value = (value << 4) | digit
        at++
      }
      if (at === first) return count === gap && this.fill(count, gap) ? at : -1
      if (at < end && bytes[at] === 46 /* . */) return this.readTail(bytes, first, end, count, gap)
      this.groups[count++] = value
      if (count === 8 || at >= end || bytes[at] !== 58) return this.fill(count, gap) ? at : -1
      at++
      if (at < end && bytes[at] === 58) {
        if (gap >= 0) return -1
        gap = count
        at++
      }
    }
  }

  /** The dotted quad that may end an IPv6 address (RFC 4291 2.2, form 3). */
  private readTail(bytes: Uint8Array, start: number, end: number, count: number, gap: number): number {
    if (count > 6) return -1
    let at = start - 1
    for (let i = 0; i < 4; i++) {
      if (i > 0 && !isBefore(bytes, at, end, 46 /* . */)) return -1
      const first = at + 1
      at = digitsEnd(bytes, first, Math.min(end, first + 3))
      if (!isOctet(bytes, first, at)) return -1
      this.tail[i] = decimal(bytes, first, at)
    }
    const [a, b, c, d] = this.tail as unknown as readonly [number, number, number, number]
    this.groups[count] = (a << 8) | b
    this.groups[count + 1] = (c << 8) | d
    return this.fill(count + 2, gap) ? at : -1
  }

  /** Puts the zeros that `::` stands for into their place; false when the groups are not eight. */
  private fill(count: number, gap: number): boolean {
    if (gap < 0) return count === 8
    if (count === 8) return false
    const moved = count - gap
    for (let i = 1; i <= moved; i++) this.groups[8 - i] = this.groups[count - i] as number
    for (let i = gap; i < 8 - moved; i++) this.groups[i] = 0
    return true
  }
}

function isOctet(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end || decimal(bytes, start, end) > 255) return false
  return end - start === 1 || bytes[start] !== 48 /* 0 */
}
