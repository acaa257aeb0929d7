/**
 * BatchReader: tells the packets of a batch one by one, through one flyweight.
 *
 * A record that stands for several is told as two packets, its first and all that followed at the moment of its last, so that
 * both ends of its time are seen. A batch that refers to what it does not hold is broken, and none of it is told.
 */
import type { Packet, Span } from '../packet.ts'
import { VERDICTS } from '../verdict.ts'
import { faultOf } from './batch-faults.ts'
import { MAX_BATCH_RECORDS, RECORD } from './batch-writer.ts'
import type { PacketBatch, PacketRecord } from './packet-batch.ts'

export type ReadOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'broken'; readonly detail: string }

/** The same object each time; `index` is the record's. */
export type OnPacket = (packet: Packet, index: number) => void

export class BatchReader {
  /** The words of the batch's addresses. */
  #words = new Int32Array(1024)

  /**
   * Fills `packet` again and again. Its spans point into the batch's own bytes (`packet.line`), its identity is `input` and
   * the batch's number with the record's index. The outcome is known before the first packet is told.
   */
  read(batch: PacketBatch, packet: Packet, input: number, onPacket: OnPacket): ReadOutcome {
    const fault = faultOf(batch)
    if (fault !== undefined) return { ok: false, reason: 'broken', detail: fault }
    this.readAgain(batch, packet, input, onPacket)
    return { ok: true }
  }

  /** Of a batch that was read before and found whole. */
  readAgain(batch: PacketBatch, packet: Packet, input: number, onPacket: OnPacket): void {
    this.#readAddresses(batch.addresses)
    packet.input = input
    packet.line = batch.blobs
    packet.body.start = 0
    packet.body.end = batch.blobs.length
    const { packets } = batch
    for (let index = 0; index < packets.length; index++) {
      const record = packets[index] as PacketRecord
      this.#fill(packet, batch, record)
      packet.offset = batch.number * MAX_BATCH_RECORDS + index
      if (isFolded(record)) this.#tellBoth(packet, record, index, onPacket)
      else onPacket(packet, index)
    }
  }

  #tellBoth(packet: Packet, record: PacketRecord, index: number, onPacket: OnPacket): void {
    packet.count = 1
    onPacket(packet, index)
    packet.time += record.lasted
    packet.count = record.count - 1
    packet.ttl = record.ttlHigh
    onPacket(packet, index)
  }

  #readAddresses(bytes: Uint8Array): void {
    const count = bytes.length / 4
    if (count > this.#words.length) this.#words = new Int32Array(count * 2)
    for (let i = 0; i < count; i++) {
      const at = i * 4
      this.#words[i] =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number)
    }
  }

  #fill(packet: Packet, batch: PacketBatch, record: PacketRecord): void {
    const { names, blobEnds } = batch
    packet.time = batch.base + record.at
    packet.count = record.count
    packet.incomplete = (record.bits & RECORD.incomplete) !== 0
    packet.toMany = (record.bits & RECORD.toMany) !== 0
    packet.again = (record.bits & RECORD.again) !== 0
    packet.reporter = record.reporter < 0 ? batch.reporter : (names[record.reporter] as string)
    packet.prefix = names[record.prefix] as string
    // One that only a newer release knows
    packet.verdict = VERDICTS[record.verdict] ?? 'unknown'
    packet.in = record.in < 0 ? '' : (names[record.in] as string)
    packet.out = record.out < 0 ? '' : (names[record.out] as string)
    copyAddress(packet.src, this.#words, record.src * 4)
    copyAddress(packet.dst, this.#words, record.dst * 4)
    fillHeaders(packet, record)
    point(packet.mac, blobEnds, record.mac)
    point(packet.tcpOptions, blobEnds, record.tcpOptions)
    point(packet.ipOptions, blobEnds, record.ipOptions)
    point(packet.inner, blobEnds, record.inner)
  }
}

/** Several of one moment that look alike are one packet with a count, as the log itself tells them. */
function isFolded(record: PacketRecord): boolean {
  return record.count > 1 && (record.lasted > 0 || record.ttlHigh !== record.ttl)
}

function copyAddress(into: Int32Array, words: Int32Array, at: number): void {
  into[0] = words[at] as number
  into[1] = words[at + 1] as number
  into[2] = words[at + 2] as number
  into[3] = words[at + 3] as number
}

function fillHeaders(packet: Packet, record: PacketRecord): void {
  packet.proto = record.proto
  packet.spt = record.spt
  packet.dpt = record.dpt
  packet.flags = record.flags
  packet.icmpType = record.icmpType
  packet.icmpCode = record.icmpCode
  packet.len = record.len
  packet.ttl = record.ttl
  packet.id = record.id
  packet.tos = record.tos
  packet.window = record.window
  packet.seq = record.seq
  packet.ack = record.ack
  packet.udpLen = record.udpLen
  packet.icmpId = record.icmpId
  packet.icmpSeq = record.icmpSeq
  packet.fragment = record.fragment
  packet.fragmentOffset = record.fragmentOffset
}

/** Blob `index` begins where the one before it ends. */
function point(span: Span, ends: readonly number[], index: number): void {
  if (index < 0) {
    span.start = -1
    span.end = -1
    return
  }
  span.start = index === 0 ? 0 : (ends[index - 1] as number)
  span.end = ends[index] as number
}
