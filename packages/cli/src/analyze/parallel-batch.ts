/**
 * Batch: the packets of one chunk as numbers in two buffers, which pass from thread to thread without a copy.
 *
 * The line itself stays behind: `line` is empty and its spans are absent in a packet taken from a batch, so whoever decodes
 * MAC addresses or options on demand must read with one thread. Texts are numbers of a table that both sides keep.
 */
import type { Packet, Verdict } from '@picket/schemas'

const VERDICTS: readonly Verdict[] = ['unknown', 'drop', 'reject', 'accept', 'audit']

const INTS = 31
/** What does not fit 32 bits with a sign: time, offset, sequence and acknowledgement. */
const FLOATS = 4
/** `IN= OUT= SRC=::1 DST=::1` and a line end: no line that gives a packet is shorter. */
const LEAST_LINE_BYTES = 26

/** How many packets a chunk can give; one line more may have begun in the chunk before. */
function mostPackets(chunkBytes: number): number {
  return Math.ceil(chunkBytes / LEAST_LINE_BYTES) + 1
}

export class Batch {
  readonly ints: Int32Array
  readonly floats: Float64Array
  size = 0

  constructor(chunkBytes: number, ints?: ArrayBuffer, floats?: ArrayBuffer) {
    const most = mostPackets(chunkBytes)
    this.ints = ints === undefined ? new Int32Array(most * INTS) : new Int32Array(ints)
    this.floats = floats === undefined ? new Float64Array(most * FLOATS) : new Float64Array(floats)
  }

  put(packet: Packet, offset: number, texts: TextNumbers): void {
    const { ints, floats } = this
    let at = this.size * INTS
    if (at >= ints.length) throw new RangeError('a chunk gave more packets than lines of the least length')
    ints.set(packet.src, at)
    ints.set(packet.dst, at + 4)
    at += 8
    ints[at++] = texts.of(packet.reporter)
    ints[at++] = texts.of(packet.prefix)
    ints[at++] = texts.of(packet.in)
    ints[at++] = texts.of(packet.out)
    ints[at++] = VERDICTS.indexOf(packet.verdict)
    ints[at++] = packet.proto
    ints[at++] = packet.spt
    ints[at++] = packet.dpt
    ints[at++] = packet.flags
    ints[at++] = packet.icmpType
    ints[at++] = packet.icmpCode
    ints[at++] = packet.len
    ints[at++] = packet.ttl
    ints[at++] = packet.id
    ints[at++] = packet.tos
    ints[at++] = packet.window
    ints[at++] = packet.udpLen
    ints[at++] = packet.icmpId
    ints[at++] = packet.icmpSeq
    ints[at++] = packet.fragment
    ints[at++] = packet.fragmentOffset
    ints[at++] = (packet.incomplete ? 1 : 0) | (packet.toMany ? 2 : 0)
    ints[at] = packet.count
    at = this.size++ * FLOATS
    floats[at] = packet.time
    floats[at + 1] = offset
    floats[at + 2] = packet.seq
    floats[at + 3] = packet.ack
  }

  take(index: number, packet: Packet, texts: readonly string[]): void {
    const { ints, floats } = this
    let at = index * INTS
    for (let word = 0; word < 4; word++) {
      packet.src[word] = ints[at + word] as number
      packet.dst[word] = ints[at + 4 + word] as number
    }
    at += 8
    packet.reporter = texts[ints[at++] as number] as string
    packet.prefix = texts[ints[at++] as number] as string
    packet.in = texts[ints[at++] as number] as string
    packet.out = texts[ints[at++] as number] as string
    packet.verdict = VERDICTS[ints[at++] as number] as Verdict
    packet.proto = ints[at++] as number
    packet.spt = ints[at++] as number
    packet.dpt = ints[at++] as number
    packet.flags = ints[at++] as number
    packet.icmpType = ints[at++] as number
    packet.icmpCode = ints[at++] as number
    packet.len = ints[at++] as number
    packet.ttl = ints[at++] as number
    packet.id = ints[at++] as number
    packet.tos = ints[at++] as number
    packet.window = ints[at++] as number
    packet.udpLen = ints[at++] as number
    packet.icmpId = ints[at++] as number
    packet.icmpSeq = ints[at++] as number
    packet.fragment = ints[at++] as number
    packet.fragmentOffset = ints[at++] as number
    const bits = ints[at++] as number
    packet.incomplete = (bits & 1) !== 0
    packet.toMany = (bits & 2) !== 0
    packet.count = ints[at] as number
    at = index * FLOATS
    packet.time = floats[at] as number
    packet.offset = floats[at + 1] as number
    packet.seq = floats[at + 2] as number
    packet.ack = floats[at + 3] as number
  }
}

/** Numbers for the texts that recur. The parser interns them, so nearly always the last number is asked for again. */
export class TextNumbers {
  /** Texts that the other side does not know yet, in the order of their numbers. */
  fresh: string[] = []
  readonly #numbers = new Map<string, number>()

  of(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const number = this.#numbers.size
    this.#numbers.set(text, number)
    this.fresh.push(text)
    return number
  }

  /** A hostile log may hold a new prefix in each line; true when the table began anew, as the other side's must. */
  beginAnew(): boolean {
    if (this.#numbers.size < MOST_TEXTS) return false
    this.#numbers.clear()
    this.fresh = []
    return true
  }
}

const MOST_TEXTS = 100_000
