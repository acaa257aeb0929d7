/**
 * KnownHeads: the two heads that were met last. Two, since IPv4 and IPv6 lines of one host differ in the frame's
 * type, and blocked and audited ones in the prefix.
 */
import type { Packet } from '@picket/schemas'
import { KnownHead } from './known-head.ts'

export class KnownHeads {
  private last: KnownHead = new KnownHead()
  private other: KnownHead = new KnownHead()

  /** The position of `SRC=` when a kept head stands at `start`, else -1. */
  match(bytes: Uint8Array, start: number, end: number): number {
    const source = this.last.match(bytes, start, end)
    if (source >= 0) return source
    const { last, other } = this
    const otherSource = other.match(bytes, start, end)
    if (otherSource < 0) return -1
    this.last = other
    this.other = last
    return otherSource
  }

  /** Sets what the head that matched decides. */
  copyTo(into: Packet, source: number): void {
    this.last.copyTo(into, source)
  }

  /** In the place of the one that was met less lately. */
  keep(bytes: Uint8Array, start: number, text: number, source: number, from: Packet): void {
    this.other.keep(bytes, start, text, source, from)
  }
}
