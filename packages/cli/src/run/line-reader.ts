/**
 * Line reader: the lines of one source into packets.
 *
 * It has a short memory (a packet logged by several rules, a repeated message), which a restart must not
 * lose: it keeps the last lines, and a reader that takes its place reads them again without counting.
 * What a stamp without a year or an epoch means is told by the record (arrival, start of the kernel), so a
 * replay reads each line as it was read the first time.
 */
import { Duplicates, LineParser, type ParseOptions } from '@picket/collector'
import type { LineCounts } from '@picket/collector/main'
import { newPacket, type Packet } from '@picket/schemas'
import type { InputHead } from './records.ts'

const LINE_END = 10
const DAY_MS = 86_400_000
/** More than comes in the second for which a repeat is known, but in a flood. */
const RECENT_BYTES = 64 * 1024

export interface Recent {
  readonly head: InputHead
  readonly bytes: Uint8Array
}

export type ReadOptions = Pick<ParseOptions, 'zone' | 'verdicts'>

export class LineReader {
  readonly #options: ReadOptions
  readonly #packet: Packet = newPacket()
  readonly #duplicates = new Duplicates()
  #parser: LineParser | undefined
  #day = Number.NaN
  #bootTime = Number.NaN
  #recent: Recent[] = []
  #recentBytes = 0

  constructor(options: ReadOptions, recent: readonly Recent[] = []) {
    this.#options = options
    const ignored: LineCounts = { lines: 0, packets: 0, repeats: 0, unparsed: {} }
    for (const { head, bytes } of recent) this.read(head, bytes, ignored, () => {})
  }

  /** Hands every packet that was not told of before; it is overwritten by the next. */
  read(head: InputHead, bytes: Uint8Array, counts: LineCounts, onPacket: (packet: Packet) => void): void {
    if (bytes.length === 0) return
    const parser = this.#parserFor(head)
    const packet = this.#packet
    packet.input = head.input
    for (let start = 0, end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
      counts.lines++
      const outcome = parser.parse(bytes, start, end, packet)
      if (outcome === 'packet') {
        packet.offset = head.offset + start
        if (Number.isNaN(packet.time)) packet.time = head.arrival
        this.#hand(packet, counts, onPacket)
      } else {
        counts.unparsed[outcome] = (counts.unparsed[outcome] ?? 0) + 1
      }
      start = end + 1
    }
    this.#remember(head, bytes)
  }

  #hand(packet: Packet, counts: LineCounts, onPacket: (packet: Packet) => void): void {
    if (this.#duplicates.isRepeat(packet)) {
      counts.repeats++
      return
    }
    if (packet.again) counts.repeats++
    else counts.packets++
    onPacket(packet)
  }

  #parserFor(head: InputHead): LineParser {
    const day = Math.floor(head.arrival / DAY_MS)
    const bootTime = head.bootTime ?? Number.NaN
    if (this.#parser === undefined || !Object.is(bootTime, this.#bootTime)) {
      this.#parser = new LineParser({ ...this.#options, reference: head.arrival, bootTime })
    } else if (day !== this.#day) {
      this.#parser.refer(head.arrival)
    }
    this.#day = day
    this.#bootTime = bootTime
    return this.#parser
  }

  #remember(head: InputHead, bytes: Uint8Array): void {
    const cut = bytes.length > RECENT_BYTES ? bytes.indexOf(LINE_END, bytes.length - RECENT_BYTES) + 1 : 0
    this.#recent.push({ head: { ...head, offset: head.offset + cut }, bytes: bytes.slice(cut) })
    this.#recentBytes += bytes.length - cut
    while (this.#recentBytes > RECENT_BYTES && this.#recent.length > 1) {
      this.#recentBytes -= this.#recent.shift()?.bytes.length ?? 0
    }
  }

  /** What a reader needs that takes this one's place. */
  get recent(): readonly Recent[] {
    return this.#recent
  }
}
