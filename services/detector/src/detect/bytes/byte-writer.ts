/**
 * ByteWriter: records of bytes, one after another in large pieces of memory; little endian, whatever the machine.
 *
 * A finished record is a view into such a piece, since an allocation each would cost more than the writing. Call
 * `begin`, write, call `finish`; only `begin` and the writes that say so make room.
 */

const PIECE = 1 << 16
/** More words go as they lie, which is several times faster. */
export const FEW_WORDS = 64

export class ByteWriter {
  private bytes: Uint8Array = newPiece(PIECE)
  private view: DataView = viewOf(this.bytes)
  private start = 0
  /** Where the next byte goes. */
  private at = 0

  begin(): void {
    this.start = this.at
    this.reserve(64)
  }

  /** The record. Its bytes are never written to again. */
  finish(): Uint8Array {
    return this.bytes.subarray(this.start, this.at)
  }

  /** Bytes of the record so far. */
  get length(): number {
    return this.at - this.start
  }

  /** Makes room for so many bytes. */
  reserve(bytes: number): void {
    if (this.at + bytes > this.bytes.length) this.move(bytes)
  }

  byte(value: number): void {
    this.bytes[this.at++] = value
  }

  int16(value: number): void {
    this.view.setInt16(this.at, value, true)
    this.at += 2
  }

  int32(value: number): void {
    this.view.setInt32(this.at, value, true)
    this.at += 4
  }

  float64(value: number): void {
    this.view.setFloat64(this.at, value, true)
    this.at += 8
  }

  /** A whole number from 0 to 2^53: seven bits a byte, the lowest first. */
  varint(value: number): void {
    let rest = value
    while (rest > 0x7fff_ffff) {
      this.byte((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    for (; rest > 127; rest >>>= 7) this.byte((rest & 127) | 128)
    this.byte(rest)
  }

  /** Makes room. Characters up to U+00FF take a byte each, unless there are others. */
  text(value: string): void {
    this.reserve(8 + 2 * value.length)
    const isWide = !isLatin(value)
    this.varint(value.length * 2 + (isWide ? 1 : 0))
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i)
      this.byte(unit)
      if (isWide) this.byte(unit >>> 8)
    }
  }

  /** Makes room. The bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  /** Makes room. Words from `from` on, the repeated left out where that saves much: of at most 64. */
  words(words: ArrayLike<number>, from: number, count: number): void {
    if (count > FEW_WORDS && words instanceof Int32Array) this.block(words, from, count)
    else this.sparse(words, from, count)
  }

  /**
   * Makes room. Of each 32 words a mask says which differ from the word before, and only these follow, so that runs of
   * zeros take nothing.
   */
  sparse(words: ArrayLike<number>, from: number, count: number): void {
    this.reserve(4 * count + 4 * Math.ceil(count / 32))
    const { view } = this
    let at = this.at
    let before = 0
    for (let done = 0; done < count; done += 32) {
      const group = at
      at += 4
      let mask = 0
      const end = Math.min(32, count - done)
      for (let i = 0; i < end; i++) {
        const word = words[from + done + i] as number
        if (word === before) continue
        view.setInt32(at, word, true)
        at += 4
        mask |= 1 << i
        before = word
      }
      view.setInt32(group, mask, true)
    }
    this.at = at
  }

  private block(words: Int32Array, from: number, count: number): void {
    this.reserve(4 * count)
    if (IS_LITTLE_ENDIAN) {
      this.bytes.set(new Uint8Array(words.buffer, words.byteOffset + 4 * from, 4 * count), this.at)
      this.at += 4 * count
    } else for (let i = 0; i < count; i++) this.int32(words[from + i] as number)
  }

  /** Makes room. Words of 16 bits. */
  halves(words: Uint16Array, count: number): void {
    this.reserve(2 * count)
    for (let i = 0; i < count; i++) this.int16(words[i] as number)
  }

  /** Leaves so many bytes to be written later. */
  skip(bytes: number): void {
    this.at += bytes
  }

  /** Makes room. Moves all of the record from `from` on by so many bytes, forward or back. */
  shift(from: number, by: number): void {
    if (by === 0) return
    this.reserve(Math.abs(by))
    this.bytes.copyWithin(this.start + from + by, this.start + from, this.at)
    this.at += by
  }

  /** A varint over what was left for it. */
  varintAt(at: number, value: number): void {
    const end = this.at
    this.at = this.start + at
    this.varint(value)
    this.at = end
  }

  /** Overwrites a word of the record, `at` bytes from its beginning. */
  setInt32(at: number, value: number): void {
    this.view.setInt32(this.start + at, value, true)
  }

  /** Of the record's bytes from `from` on. */
  checksum(from: number): number {
    return checksum(this.bytes, this.view, this.start + from, this.at)
  }

  private move(bytes: number): void {
    const old = this.bytes.subarray(this.start, this.at)
    this.bytes = newPiece(Math.max(PIECE, 2 * (old.length + bytes)))
    this.view = viewOf(this.bytes)
    this.bytes.set(old)
    this.start = 0
    this.at = old.length
  }
}

/** A Buffer, so that a view of it is cheap and a store's client takes it as it is. */
function newPiece(bytes: number): Uint8Array {
  return Buffer.allocUnsafeSlow(bytes) as unknown as Uint8Array
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

const ODD = 0x9e3779b1

/**
 * Tells bytes that were changed by accident; it is no proof against a forger. Four lanes, since each step waits for the
 * one before.
 */
export function checksum(bytes: Uint8Array, view: DataView, from: number, to: number): number {
  let at = from
  let a = to - from
  let b = 1
  let c = 2
  let d = 3
  for (; at + 16 <= to; at += 16) {
    a = step(a, view.getInt32(at, true))
    b = step(b, view.getInt32(at + 4, true))
    c = step(c, view.getInt32(at + 8, true))
    d = step(d, view.getInt32(at + 12, true))
  }
  for (; at < to; at++) a = step(a, bytes[at] as number)
  return step(step(step(a, b), c), d)
}

function step(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, ODD)
  return mixed ^ (mixed >>> 15)
}

function isLatin(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false
  return true
}

/** One text, or several: how many, and each. */
export function storeTexts(into: ByteWriter, texts: string | readonly string[]): void {
  into.reserve(8)
  into.varint(typeof texts === 'string' ? 1 : texts.length)
  if (typeof texts === 'string') into.text(texts)
  else for (const text of texts) into.text(text)
}
