/**
 * LineSplitter: a stream of chunks into lines, each with the offset of its first byte.
 *
 * A line that lies inside one chunk is handed on where it lies; only a line across chunks is copied. A line
 * over the limit is handed on once, cut to one byte more than the limit so that the parser calls it
 * too long, and skipped to its end. `offset` is where the unfinished line begins: the place to resume at.
 */
export const MAX_LINE_BYTES: number = 64 * 1024

/** `bytes[start,end)` is the line without its `\n`, valid only during the call. */
export type OnLine = (bytes: Uint8Array, start: number, end: number, offset: number) => void

const NEWLINE = 10

export class LineSplitter {
  /** Offset in the input of the first byte of the line that is not finished yet. */
  offset: number
  /** How many lines were over the limit. */
  tooLong = 0
  private carry: Uint8Array = new Uint8Array(4096)
  private carried = 0
  /** Bytes of the unfinished line that were thrown away because it is too long. */
  private skipped = 0

  constructor(offset = 0) {
    this.offset = offset
  }

  /** Bytes of the unfinished line. */
  get pending(): number {
    return this.carried + this.skipped
  }

  /**
   * `searched` are the chunk's own bytes as whatever finds a byte in them fastest: line ends are most of what a reader
   * looks at, and the host of this code may know better how than `Uint8Array` does.
   */
  feed(chunk: Uint8Array, onLine: OnLine, searched: Pick<Uint8Array, 'indexOf'> = chunk): void {
    const rest = this.cut(chunk, searched, onLine)
    if (rest < chunk.length) this.keep(chunk, rest, chunk.length, onLine)
  }

  /** Where the last line end leaves off. Apart, so that the loop is not compiled anew when a chunk first ends. */
  private cut(chunk: Uint8Array, searched: Pick<Uint8Array, 'indexOf'>, onLine: OnLine): number {
    let start = 0
    for (;;) {
      const end = searched.indexOf(NEWLINE, start)
      if (end < 0) return start
      if (this.carried > 0 || this.skipped > 0) this.finish(chunk, start, end, onLine)
      else this.emit(chunk, start, end, onLine)
      this.offset += end + 1 - start
      start = end + 1
    }
  }

  /** Hands on a last line that has no line end. */
  flush(onLine: OnLine): void {
    const length = this.pending
    if (this.skipped === 0 && this.carried > 0) onLine(this.carry, 0, this.carried, this.offset)
    this.offset += length
    this.carried = 0
    this.skipped = 0
  }

  /** Starts anew at `offset`: the input was rotated, or is read again from there. */
  reset(offset: number): void {
    this.offset = offset
    this.carried = 0
    this.skipped = 0
  }

  private emit(bytes: Uint8Array, start: number, end: number, onLine: OnLine): void {
    if (end - start <= MAX_LINE_BYTES) onLine(bytes, start, end, this.offset)
    else {
      this.tooLong++
      onLine(bytes, start, start + MAX_LINE_BYTES + 1, this.offset)
    }
  }

  private finish(chunk: Uint8Array, start: number, end: number, onLine: OnLine): void {
    this.keep(chunk, start, end, onLine)
    const length = this.pending
    if (this.skipped === 0) onLine(this.carry, 0, this.carried, this.offset)
    this.offset += length - (end - start)
    this.carried = 0
    this.skipped = 0
  }

  private keep(chunk: Uint8Array, start: number, end: number, onLine: OnLine): void {
    const length = end - start
    if (this.skipped > 0) {
      this.skipped += length
      return
    }
    const room = MAX_LINE_BYTES + 1 - this.carried
    this.append(chunk.subarray(start, start + Math.min(length, room)))
    if (this.carried <= MAX_LINE_BYTES) return
    this.tooLong++
    onLine(this.carry, 0, this.carried, this.offset)
    this.skipped = this.carried + length - Math.min(length, room)
    this.carried = 0
    this.carry = new Uint8Array(4096)
  }

  private append(part: Uint8Array): void {
    const needed = this.carried + part.length
    if (needed > this.carry.length) {
      const wider = new Uint8Array(Math.max(needed, this.carry.length * 2))
      wider.set(this.carry.subarray(0, this.carried))
      this.carry = wider
    }
    this.carry.set(part, this.carried)
    this.carried = needed
  }
}
