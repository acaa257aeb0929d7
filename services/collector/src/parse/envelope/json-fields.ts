/**
 * A cursor over the fields of one flat JSON object, as ranges of its bytes.
 *
 * Loggers write one object a line; JSON.parse would build it whole for the four fields that matter.
 * Values inside arrays and objects are stepped over, except that an array's range is given as it stands.
 */

import { HEX } from '../body/digits.ts'
import type { Scratch } from './scratch.ts'

export type JsonKind = 'string' | 'array' | 'other'

export class JsonFields {
  keyStart = 0
  keyEnd = 0
  /** Of a string without its quotes, of an array without its brackets. */
  valueStart = 0
  valueEnd = 0
  kind: JsonKind = 'other'
  /** The object was not well formed. */
  broken = false
  private bytes: Uint8Array = new Uint8Array(0)
  private at = 0
  private end = 0

  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes
    this.at = start + 1
    this.end = end
    this.broken = false
  }

  /** Moves to the next field; false behind the last one, or where the object breaks. */
  next(): boolean {
    this.skip()
    if (this.peek() === 125 /* } */) {
      this.at++
      this.skip()
      this.broken = this.at < this.end
      return false
    }
    if (this.peek() === 44 /* , */) this.at++
    this.skip()
    this.broken = !(this.readKey() && this.readValue())
    return !this.broken
  }

  private readKey(): boolean {
    if (this.peek() !== 34 /* " */) return false
    this.keyStart = this.at + 1
    this.keyEnd = this.stringEnd()
    if (this.keyEnd < 0) return false
    this.skip()
    if (this.peek() !== 58 /* : */) return false
    this.at++
    this.skip()
    return true
  }

  private readValue(): boolean {
    const first = this.peek()
    if (first === 34) {
      this.kind = 'string'
      this.valueStart = this.at + 1
      this.valueEnd = this.stringEnd()
      return this.valueEnd >= 0
    }
    this.kind = first === 91 /* [ */ ? 'array' : 'other'
    return first === 91 || first === 123 ? this.readNested() : this.readWord()
  }

  private readNested(): boolean {
    this.valueStart = this.at + 1
    let depth = 0
    do {
      depth += this.stepNested()
      if (depth === 0) {
        this.valueEnd = this.at - 1
        return true
      }
    } while (this.at < this.end)
    return false
  }

  /** One byte, or one string, further; returns what that changes in depth. */
  private stepNested(): number {
    const byte = this.peek()
    if (byte === 34) {
      if (this.stringEnd() < 0) this.at = this.end
      return 0
    }
    this.at++
    if (byte === 91 || byte === 123) return 1
    return byte === 93 || byte === 125 ? -1 : 0
  }

  private readWord(): boolean {
    this.valueStart = this.at
    while (this.at < this.end && !isStop(this.peek())) this.at++
    this.valueEnd = this.at
    return this.valueEnd > this.valueStart
  }

  /** Moves behind the closing quote and returns its position, or -1. */
  private stringEnd(): number {
    const bytes = this.bytes
    for (let at = this.at + 1; at < this.end; at++) {
      const byte = bytes[at]
      if (byte === 92 /* \ */) at++
      else if (byte === 34) {
        this.at = at + 1
        return at
      }
    }
    return -1
  }

  private skip(): void {
    while (this.at < this.end && isBlank(this.peek())) this.at++
  }

  private peek(): number {
    return this.at < this.end ? (this.bytes[this.at] as number) : 0
  }
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9
}

function isStop(byte: number): boolean {
  return byte === 44 || byte === 125 || byte === 93 || isBlank(byte)
}

/** Appends a string's bytes with its escapes undone. Half a surrogate pair becomes U+FFFD. */
export function unescapeInto(scratch: Scratch, bytes: Uint8Array, start: number, end: number): void {
  let at = start
  while (at < end) {
    const byte = bytes[at++] as number
    if (byte !== 92 || at >= end) scratch.push(byte)
    else if (bytes[at] === 117 /* u */) at = unescapeUnicode(scratch, bytes, at + 1, end)
    else {
      const letter = bytes[at++] as number
      scratch.push(ESCAPES[letter] ?? letter)
    }
  }
}

const ESCAPES: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9 }

function unescapeUnicode(scratch: Scratch, bytes: Uint8Array, start: number, end: number): number {
  const high = hex4(bytes, start, end)
  if (high < 0) return start
  const isPair = high >= 0xd800 && high < 0xdc00 && bytes[start + 4] === 92 && bytes[start + 5] === 117
  const low = isPair ? hex4(bytes, start + 6, end) : -1
  if (low >= 0xdc00 && low < 0xe000) {
    pushCodePoint(scratch, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
    return start + 10
  }
  pushCodePoint(scratch, high >= 0xd800 && high < 0xe000 ? 0xfffd : high)
  return start + 4
}

function hex4(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 4) return -1
  let value = 0
  for (let at = start; at < start + 4; at++) {
    const digit = HEX[bytes[at] as number] as number
    if (digit > 15) return -1
    value = (value << 4) | digit
  }
  return value
}

function pushCodePoint(scratch: Scratch, point: number): void {
  if (point < 0x80) {
    scratch.push(point)
    return
  }
  if (point < 0x800) scratch.push(0xc0 | (point >> 6))
  else {
    if (point < 0x10000) scratch.push(0xe0 | (point >> 12))
    else {
      scratch.push(0xf0 | (point >> 18))
      scratch.push(0x80 | ((point >> 12) & 63))
    }
    scratch.push(0x80 | ((point >> 6) & 63))
  }
  scratch.push(0x80 | (point & 63))
}
