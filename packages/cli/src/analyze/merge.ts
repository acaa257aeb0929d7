/**
 * Merge: packets of several inputs in event time, each input in its own order.
 *
 * A lane holds the lines of one chunk and the packet at its head; the lane whose head is oldest gives
 * next, among equals the one named first. Where a log's stamps run backwards its own order stands.
 */
import type { InputReader, OnChunk, PacketSink } from './reading.ts'

export async function readMerged(
  readers: readonly InputReader[],
  sink: PacketSink,
  onChunk: OnChunk,
): Promise<void> {
  const lanes: Lane[] = []
  const told = (): void => onChunk(readers.reduce((lines, { counts }) => lines + counts.lines, 0))
  for (const reader of readers) {
    const lane = new Lane(reader, told)
    if (await lane.advance()) lanes.push(lane)
  }
  while (lanes.length > 0) {
    const lane = oldest(lanes)
    sink.packet(lane.reader.packet)
    if (lane.advanceInChunk() || (await lane.advance())) continue
    lanes.splice(lanes.indexOf(lane), 1)
  }
}

/** A walk: there are a handful of files, and a heap would not be faster. */
function oldest(lanes: readonly Lane[]): Lane {
  let first = lanes[0] as Lane
  for (let at = 1; at < lanes.length; at++) {
    const lane = lanes[at] as Lane
    if (lane.reader.packet.time < first.reader.packet.time) first = lane
  }
  return first
}

interface Line {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly offset: number
}

class Lane {
  readonly reader: InputReader
  readonly #chunks: AsyncGenerator<Uint8Array, void>
  readonly #onChunk: () => void
  #lines: Line[] = []
  #next = 0
  #isEnded = false

  constructor(reader: InputReader, onChunk: () => void) {
    this.reader = reader
    this.#chunks = reader.input.chunks()
    this.#onChunk = onChunk
  }

  /** Brings the next packet of the lines at hand to the head; false when they are used up. */
  advanceInChunk(): boolean {
    while (this.#next < this.#lines.length) {
      const { bytes, start, end, offset } = this.#lines[this.#next++] as Line
      if (this.reader.take(bytes, start, end, offset)) return true
    }
    return false
  }

  /** The same, reading on as far as needed; false at the end of the input. */
  async advance(): Promise<boolean> {
    while (!this.advanceInChunk()) {
      if (this.#isEnded) return false
      await this.#refill()
    }
    return true
  }

  async #refill(): Promise<void> {
    this.#lines = []
    this.#next = 0
    const { done, value } = await this.#chunks.next()
    if (done === true) {
      this.#isEnded = true
      this.reader.splitter.flush((bytes, start, end, offset) => this.#keep(bytes, start, end, offset))
      return
    }
    this.#onChunk()
    this.reader.splitter.feed(value, (bytes, start, end, offset) => {
      if (bytes === value) this.#lines.push({ bytes, start, end, offset })
      else this.#keep(bytes, start, end, offset)
    })
  }

  /** A line that began in an earlier chunk stands in the splitter's own buffer, which does not last. */
  #keep(bytes: Uint8Array, start: number, end: number, offset: number): void {
    this.#lines.push({ bytes: bytes.slice(start, end), start: 0, end: end - start, offset })
  }
}
