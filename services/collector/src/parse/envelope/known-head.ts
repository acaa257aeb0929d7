/**
 * KnownHead: from the reporter to `SRC=` a line mostly says what the line before it said.
 *
 * What the scanners make of that stretch is a function of its bytes alone, but for the digits of the kernel's
 * stamp, which nobody reads. So the last stretch is kept and compared, sixteen bytes at a time, and what came of it
 * is taken over.
 */
import type { Packet, Verdict } from '@picket/schemas'
import { digitsEnd } from '../body/digits.ts'
import { behindBlanks, isBefore } from '../body/token.ts'
import { behindStamp } from './kernel-stamp.ts'

/** Longer stretches are not worth comparing. */
const LONGEST = 512
/** In a log of many reporters keeping every head would cost more than it saves. */
const MISSES_A_CHANGE = 8

export class KnownHead {
  private readonly known: DataView = new DataView(new ArrayBuffer(LONGEST))
  /** Bytes kept, the stamp's digits left out; 0 before the first head. */
  private length = 0
  /** Bytes up to the bracket that opens the kernel's stamp; 0 where there is none. */
  private opening = 0
  private misses = 0
  private prefix = ''
  private verdict: Verdict = 'unknown'
  private reporter = ''
  private in = ''
  private out = ''
  private toMany = false
  /** Distances from `SRC=` back to the body and to the two ends of the hardware address; 0 without one. */
  private body = 0
  private macStart = 0
  private macEnd = 0
  private bytes: Uint8Array = new Uint8Array(0)
  private view: DataView = new DataView(this.bytes.buffer)

  /** The position of `SRC=` when the kept head stands at `start`, else -1. */
  match(bytes: Uint8Array, start: number, end: number): number {
    const { length, opening } = this
    if (length === 0 || start + length > end) return -1
    if (bytes !== this.bytes) this.look(bytes)
    let rest = start
    if (opening > 0) {
      if (!this.isSame(start, 0, opening)) return -1
      rest = behindSeconds(bytes, start + opening, end)
      if (rest + length - opening > end) return -1
    }
    return this.isSame(rest, opening, length) ? rest + length - opening - 4 : -1
  }

  /** Sets what the head decides; `source` is the position of `SRC=`. */
  copyTo(into: Packet, source: number): void {
    into.prefix = this.prefix
    into.verdict = this.verdict
    into.reporter = this.reporter
    into.in = this.in
    into.out = this.out
    into.toMany = this.toMany
    into.body.start = source - this.body
    if (this.macStart === 0) return
    into.mac.start = source - this.macStart
    into.mac.end = source - this.macEnd
  }

  /** Keeps the head from `start` to `source`, whose text begins at `text`; `from` is the packet made of it. */
  keep(bytes: Uint8Array, start: number, text: number, source: number, from: Packet): void {
    if (this.length > 0 && ++this.misses < MISSES_A_CHANGE) return
    this.misses = 0
    const opening = openingOf(bytes, start, text)
    const rest = opening === 0 ? start : behindSeconds(bytes, start + opening, text)
    const length = opening + source + 4 - rest
    if (length > LONGEST) return
    for (let i = 0; i < opening; i++) this.known.setUint8(i, bytes[start + i] as number)
    for (let i = opening; i < length; i++) this.known.setUint8(i, bytes[rest + i - opening] as number)
    this.length = length
    this.opening = opening
    this.copyFrom(from, source)
  }

  private copyFrom(packet: Packet, source: number): void {
    this.prefix = packet.prefix
    this.verdict = packet.verdict
    this.reporter = packet.reporter
    this.in = packet.in
    this.out = packet.out
    this.toMany = packet.toMany
    this.body = source - packet.body.start
    this.macStart = packet.mac.start < 0 ? 0 : source - packet.mac.start
    this.macEnd = packet.mac.start < 0 ? 0 : source - packet.mac.end
  }

  private look(bytes: Uint8Array): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Whether kept bytes [from, to) stand at `at`; sixteen at a time, and the last word overlaps the one before it. */
  private isSame(at: number, from: number, to: number): boolean {
    const { known, view } = this
    const last = to - 4
    if (last < from) return false
    const shift = at - from
    let i = from
    for (; i + 16 <= to; i += 16) {
      const difference =
        (known.getInt32(i) ^ view.getInt32(i + shift)) |
        (known.getInt32(i + 4) ^ view.getInt32(i + shift + 4)) |
        (known.getInt32(i + 8) ^ view.getInt32(i + shift + 8)) |
        (known.getInt32(i + 12) ^ view.getInt32(i + shift + 12))
      if (difference !== 0) return false
    }
    for (; i < last; i += 4) if (known.getInt32(i) !== view.getInt32(i + shift)) return false
    return known.getInt32(last) === view.getInt32(last + shift)
  }
}

/** Bytes from `start` to behind the bracket of the stamp that ends where the text begins. */
function openingOf(bytes: Uint8Array, start: number, text: number): number {
  for (let at = start; at < text; at++) {
    if (bytes[at] === 91 /* [ */ && behindStamp(bytes, at, text) === text) return at + 1 - start
  }
  return 0
}

/** Behind `  884.320171`; any other form ends where it stops being one, and the bracket is missed there. */
function behindSeconds(bytes: Uint8Array, start: number, end: number): number {
  const seconds = behindBlanks(bytes, start, end)
  const point = digitsEnd(bytes, seconds, end)
  if (point === seconds || !isBefore(bytes, point, end, 46 /* . */)) return end
  const micros = digitsEnd(bytes, point + 1, end)
  return micros === point + 7 ? micros : end
}
