/**
 * Line reader: the lines of one source into packets.
 *
 * It has a short memory (a packet logged by several rules, a repeated message), which a restart must not
 * lose: it keeps the last lines, and a reader that takes its place reads them again without counting.
 * What a stamp without a year or an epoch means is told by the record (arrival, start of the kernel), so a
 * replay reads each line as it was read the first time.
 */
import { newPacket, type Packet } from '@picket/schemas'
import type { LineCounts } from '../events.ts'
import { Duplicates } from '../fold/duplicates.ts'
import { LineParser, type ParseOptions } from '../parse/line-parser.ts'
import type { InputHead } from './input-head.ts'
import { type Recent, RecentLines } from './recent-lines.ts'

const LINE_END = 10
const DAY_MS = 86_400_000

export type ReadOptions = Pick<ParseOptions, 'zone' | 'verdicts'>

/** `isTimed`: its time is that of its line, not that of its arrival. */
export type OnPacket = (packet: Packet, isTimed: boolean) => void

export class LineReader {
  readonly #options: ReadOptions
  readonly #packet: Packet = newPacket()
  readonly #duplicates = new Duplicates()
  #parser: LineParser | undefined
  #day = Number.NaN
  #bootTime = Number.NaN
  readonly #recent = new RecentLines()

  constructor(options: ReadOptions, recent: readonly Recent[] = []) {
    this.#options = options
    const ignored: LineCounts = { lines: 0, packets: 0, repeats: 0, unparsed: {} }
    for (const { head, bytes } of recent) this.read(head, bytes, ignored, () => {})
  }

  /** Hands every packet that was not told of before; it is overwritten by the next. */
  read(head: InputHead, bytes: Uint8Array, counts: LineCounts, onPacket: OnPacket): void {
    if (bytes.length === 0) return
    const parser = this.#parserFor(head)
    const packet = this.#packet
    packet.input = head.input
    for (let start = 0, end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
      counts.lines++
      const outcome = parser.parse(bytes, start, end, packet)
      if (outcome === 'packet') {
        packet.offset = head.offset + start
        this.#hand(head.arrival, counts, onPacket)
      } else {
        counts.unparsed[outcome] = (counts.unparsed[outcome] ?? 0) + 1
      }
      start = end + 1
    }
    this.#recent.add(head, bytes)
  }

  #hand(arrival: number, counts: LineCounts, onPacket: OnPacket): void {
    const packet = this.#packet
    const isTimed = !Number.isNaN(packet.time)
    if (!isTimed) packet.time = arrival
    if (this.#duplicates.isRepeat(packet)) {
      counts.repeats++
      return
    }
    if (packet.again) counts.repeats++
    else counts.packets++
    onPacket(packet, isTimed)
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

  /** What a reader needs that takes this one's place. */
  get recent(): readonly Recent[] {
    return this.#recent.all
  }
}
