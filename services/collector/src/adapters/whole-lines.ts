/**
 * Whole lines out of a stream that is cut anywhere.
 *
 * For streams that cannot be read twice; a file simply reads its partial line again. A line longer than
 * the bound is dropped to its end and counted, so no writer can make us hold more than that.
 */
const LINE_END = 10
export const MAX_LINE_BYTES: number = 64 * 1024

export class WholeLines {
  /** Lines dropped for their length. */
  tooLong = 0
  #kept: Uint8Array[] = []
  #keptBytes = 0
  #skipping = false

  /** The lines that end in this chunk, with what was kept of the first; undefined if none does. */
  take(chunk: Uint8Array): Uint8Array | undefined {
    const end = chunk.lastIndexOf(LINE_END) + 1
    if (end === 0) {
      this.#keep(chunk)
      return undefined
    }
    const start = this.#skipping ? chunk.indexOf(LINE_END) + 1 : 0
    this.#skipping = false
    const lines = this.#joined(chunk.subarray(start, end))
    this.#keep(chunk.subarray(end))
    return lines.length === 0 ? undefined : lines
  }

  /** At the stream's end: the last line, if it had no end. */
  flush(): Uint8Array | undefined {
    if (this.#keptBytes === 0) return undefined
    return this.#joined(Uint8Array.of(LINE_END))
  }

  #joined(last: Uint8Array): Uint8Array {
    if (this.#keptBytes === 0) return last
    const joined = new Uint8Array(this.#keptBytes + last.length)
    let at = 0
    for (const part of this.#kept) {
      joined.set(part, at)
      at += part.length
    }
    joined.set(last, at)
    this.#kept = []
    this.#keptBytes = 0
    return joined
  }

  #keep(rest: Uint8Array): void {
    if (rest.length === 0 || this.#skipping) return
    if (this.#keptBytes + rest.length > MAX_LINE_BYTES) {
      this.tooLong++
      this.#skipping = true
      this.#kept = []
      this.#keptBytes = 0
      return
    }
    this.#kept.push(rest.slice())
    this.#keptBytes += rest.length
  }
}
