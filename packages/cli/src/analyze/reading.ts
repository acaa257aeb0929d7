/**
 * Reading: from inputs to packets in event time, each once.
 *
 * One input is the common and the measured case and is read straight through, or in rounds (see rounds.ts); several are
 * merged (see merge.ts). Each input has its own parser and its own memory of repeats, since two files may
 * be of two machines. A line without a time takes that of the last line with one.
 */
import {
  Duplicates,
  LineParser,
  LineSplitter,
  type ParseOptions,
  type UnparsedReason,
} from '@picket/collector'
import { newPacket, type Packet } from '@picket/schemas'
import { bufferOf } from './file-form.ts'
import type { Input } from './inputs.ts'
import { readInRounds } from './rounds.ts'

/** What the readers share; the parser's reference time is each file's own. */
export type ReadSettings = Omit<ParseOptions, 'reference'>

export interface PacketSink {
  /** In event time; the packet is overwritten by the next. */
  packet(packet: Packet): void
  /** True of a sink that decodes nothing from a packet's line, which may be gone then. */
  readonly leavesLines?: boolean
}

/** The end of the year 9999: ISO 8601 has no later four-digit year, and a line that says so is damaged or forged. */
const LATEST = 253_402_300_799_999

/** What one input gave. */
export class InputCounts {
  lines = 0
  /** Lines that gave a packet for the first time. */
  packets = 0
  /** Lines that told of a packet once more. */
  repeats = 0
  readonly unparsed: Map<UnparsedReason, number> = new Map()

  addUnparsed(reason: UnparsedReason, lines: number): void {
    this.unparsed.set(reason, (this.unparsed.get(reason) ?? 0) + lines)
  }
}

/** One input's lines, one at a time, into one packet. */
export class InputReader {
  readonly input: Input
  readonly counts: InputCounts = new InputCounts()
  readonly packet: Packet = newPacket()
  readonly splitter: LineSplitter = new LineSplitter()
  readonly #parser: LineParser
  readonly #duplicates = new Duplicates()
  #lastTime: number

  constructor(input: Input, settings: ReadSettings) {
    this.input = input
    this.#parser = new LineParser({ ...settings, reference: input.modified })
    this.#lastTime = input.modified
    this.packet.input = input.number
  }

  /** True when the line gave a packet that was not told of before; it then stands in `packet`. */
  take(bytes: Uint8Array, start: number, end: number, offset: number): boolean {
    return this.parse(bytes, start, end, offset, this.packet) && this.admit(this.packet)
  }

  /** True when the line gave a packet, which stands in `into` then, and is to be admitted. */
  parse(bytes: Uint8Array, start: number, end: number, offset: number, into: Packet): boolean {
    this.counts.lines++
    const outcome = this.#parser.parse(bytes, start, end, into)
    if (outcome !== 'packet') {
      this.counts.addUnparsed(outcome, 1)
      return false
    }
    into.offset = offset
    return true
  }

  /** What follows parsing: true when the packet was not told of before. Its time is set where its line has none that can be. */
  admit(packet: Packet): boolean {
    const { counts } = this
    if (packet.time >= 0 && packet.time <= LATEST) this.#lastTime = packet.time
    else packet.time = this.#lastTime
    if (this.#duplicates.isRepeat(packet)) {
      counts.repeats++
      return false
    }
    if (packet.again) counts.repeats++
    else counts.packets++
    return true
  }
}

/** Called after each chunk with the number of lines so far. */
export type OnChunk = (lines: number) => void

/** How a second thread reads, when one is wanted; functions do not travel between threads, so the zone is a name. */
export interface SecondThread {
  readonly zone: string | undefined
  readonly bootTime: number
}

export async function readInputs(
  readers: readonly InputReader[],
  sink: PacketSink,
  onChunk: OnChunk,
  second?: SecondThread,
): Promise<void> {
  const [only] = readers
  if (only === undefined || readers.length > 1) {
    const { readMerged } = await import('./merge.ts')
    return readMerged(readers, sink, onChunk)
  }
  if (second === undefined) {
    return sink.leavesLines === true ? readInRounds(only, sink, onChunk) : readStraight(only, sink, onChunk)
  }
  const { readParallel } = await import('./parallel.ts')
  return readParallel(only, { ...second, reference: only.input.modified }, sink, onChunk)
}

async function readStraight(reader: InputReader, sink: PacketSink, onChunk: OnChunk): Promise<void> {
  const onLine = (bytes: Uint8Array, start: number, end: number, offset: number): void => {
    if (reader.take(bytes, start, end, offset)) sink.packet(reader.packet)
  }
  for await (const chunk of reader.input.chunks()) {
    reader.splitter.feed(chunk, onLine, bufferOf(chunk))
    onChunk(reader.counts.lines)
  }
  reader.splitter.flush(onLine)
}
