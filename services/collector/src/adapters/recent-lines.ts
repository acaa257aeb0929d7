/**
 * Recent lines: the last lines of one source, from which a reader that takes over learns what was just told.
 *
 * Bounded in bytes, whole chunks at a time; of a chunk larger than the bound its last lines are kept. The
 * bytes are copies, as a source uses its memory again.
 */
import type { InputHead } from './input-head.ts'

const LINE_END = 10
/** More than comes in the second for which a repeat is known, but in a flood. */
const RECENT_BYTES = 64 * 1024

export interface Recent {
  readonly head: InputHead
  readonly bytes: Uint8Array
}

export class RecentLines {
  readonly #chunks: Recent[] = []
  #bytes = 0

  add(head: InputHead, bytes: Uint8Array): void {
    const cut = bytes.length > RECENT_BYTES ? bytes.indexOf(LINE_END, bytes.length - RECENT_BYTES) + 1 : 0
    this.#chunks.push({ head: { ...head, offset: head.offset + cut }, bytes: bytes.slice(cut) })
    this.#bytes += bytes.length - cut
    while (this.#bytes > RECENT_BYTES && this.#chunks.length > 1) {
      this.#bytes -= this.#chunks.shift()?.bytes.length ?? 0
    }
  }

  get all(): readonly Recent[] {
    return this.#chunks
  }
}
