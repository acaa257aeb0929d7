/**
 * ByteReader: reads what ByteWriter has written.
 *
 * Bytes may come from a damaged store: reading beyond the end, or a count that cannot be, gives zeros and sets
 * `isBroken`, which whoever restores asks before it believes anything.
 */
import { checksum, FEW_WORDS, viewOf } from './byte-writer.ts'

/** Names of machines come again and again, and are kept once. */
const MAX_TEXTS = 4096
const texts = new Map<string, string>()

export class ByteReader {
  isBroken = false
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private at: number

  constructor(bytes: Uint8Array, from = 0) {
    this.bytes = bytes
    this.view = viewOf(bytes)
    this.at = from
  }

  get rest(): number {
    return this.bytes.length - this.at
  }

  /** Gives up on the bytes. */
  fail(): void {
    this.isBroken = true
    this.at = this.bytes.length
  }

  byte(): number {
    return this.take(1) ? (this.bytes[this.at - 1] as number) : 0
  }

  int32(): number {
    return this.take(4) ? this.view.getInt32(this.at - 4, true) : 0
  }

  float64(): number {
    return this.take(8) ? this.view.getFloat64(this.at - 8, true) : 0
  }

  varint(): number {
    let value = 0
    for (let unit = 1; unit <= 2 ** 49; unit *= 128) {
      const byte = this.byte()
      value += (byte & 127) * unit
      if (byte < 128) return this.counted(value, Number.MAX_SAFE_INTEGER)
    }
    this.fail()
    return 0
  }

  /** A number that must not be above `most`. */
  count(most: number): number {
    return this.counted(this.varint(), most)
  }

  text(): string {
    const header = this.count(2 * this.rest)
    const length = header >>> 1
    const width = 1 + (header & 1)
    if (!this.take(length * width)) return ''
    let text = ''
    for (let at = this.at - length * width; at < this.at; at += width) {
      text += String.fromCharCode(width === 1 ? (this.bytes[at] as number) : this.view.getUint16(at, true))
    }
    return kept(text)
  }

  raw(length: number): Uint8Array {
    return this.take(length) ? this.bytes.subarray(this.at - length, this.at) : new Uint8Array(length)
  }

  /** What `words` of the writer wrote; more than 64 are always of an Int32Array. */
  words(into: Int32Array | number[], from: number, count: number): void {
    if (count <= FEW_WORDS) this.sparse(into, from, count)
    else if (this.take(4 * count)) {
      const start = this.at - 4 * count
      for (let i = 0; i < count; i++) into[from + i] = this.view.getInt32(start + 4 * i, true)
    }
  }

  sparse(into: Int32Array | number[], from: number, count: number): void {
    let word = 0
    for (let done = 0; done < count; done += 32) {
      const mask = this.int32()
      const end = Math.min(32, count - done)
      for (let i = 0; i < end; i++) {
        if ((mask & (1 << i)) !== 0) word = this.int32()
        into[from + done + i] = word
      }
    }
  }

  halves(count: number): Uint16Array {
    const words = new Uint16Array(this.take(2 * count) ? count : 0)
    for (let i = 0, at = this.at - 2 * count; i < words.length; i++, at += 2) {
      words[i] = this.view.getUint16(at, true)
    }
    return words
  }

  /** Of all that is left. */
  checksum(): number {
    return checksum(this.bytes, this.view, this.at, this.bytes.length)
  }

  private take(count: number): boolean {
    if (this.at + count > this.bytes.length) {
      this.fail()
      return false
    }
    this.at += count
    return true
  }

  private counted(value: number, most: number): number {
    if (value <= most) return value
    this.fail()
    return 0
  }
}

function kept(text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  if (texts.size >= MAX_TEXTS) texts.clear()
  texts.set(text, text)
  return text
}

/** What `storeTexts` wrote. */
export function readTexts(reader: ByteReader, most: number): string | string[] {
  const length = reader.count(most)
  return length === 1 ? reader.text() : Array.from({ length }, () => reader.text())
}
