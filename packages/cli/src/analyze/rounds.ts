/**
 * Rounds: some lines are parsed, then their packets are judged, then the next lines are parsed.
 *
 * Either is about as much code and memory as the nearest caches and the branch predictor hold. Taking turns line by line
 * they push each other out, which cost an eighth of the whole run.
 *
 * When a packet is judged its line may be overwritten, so this is for sinks that decode nothing from lines.
 */
import { newPacket, type Packet } from '@picket/schemas'
import { bufferOf } from './file-form.ts'
import type { InputReader, OnChunk, PacketSink } from './reading.ts'

/** Measured: from sixteen to sixty-four there is no difference, with one or two hundred and more the gain is less. */
const PACKETS = 32

export async function readInRounds(reader: InputReader, sink: PacketSink, onChunk: OnChunk): Promise<void> {
  const round = new Round(reader, sink)
  const onLine = (bytes: Uint8Array, start: number, end: number, offset: number): void => {
    if (round.takeIn(bytes, start, end, offset)) round.judge()
  }
  for await (const chunk of reader.input.chunks()) {
    reader.splitter.feed(chunk, onLine, bufferOf(chunk))
    round.judge()
    onChunk(reader.counts.lines)
  }
  reader.splitter.flush(onLine)
  round.judge()
}

class Round {
  readonly #reader: InputReader
  readonly #sink: PacketSink
  readonly #packets: readonly Packet[]
  #size = 0

  constructor(reader: InputReader, sink: PacketSink) {
    this.#reader = reader
    this.#sink = sink
    // All by the one literal of newPacket: a copy by `...` would box every time and sequence number
    this.#packets = Array.from({ length: PACKETS }, newPacket)
    for (const packet of this.#packets) packet.input = reader.input.number
  }

  /** True when there is no room for a further packet. */
  takeIn(bytes: Uint8Array, start: number, end: number, offset: number): boolean {
    const packet = this.#packets[this.#size] as Packet
    return this.#reader.parse(bytes, start, end, offset, packet) && ++this.#size === PACKETS
  }

  judge(): void {
    const size = this.#size
    for (let i = 0; i < size; i++) {
      const packet = this.#packets[i] as Packet
      if (this.#reader.admit(packet)) this.#sink.packet(packet)
    }
    this.#size = 0
  }
}
