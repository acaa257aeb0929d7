/**
 * BatchWriter: collects the packets of one partition until they are sealed as one message.
 *
 * A packet is a flyweight: all that a batch says of it is copied here. A record may stand for several alike; which ones
 * are alike is the collector's to say. Its times are counted from the first packet's, so a packet from another month needs
 * another batch: ask `fits` first.
 */
import type { Packet, Span } from '../packet.ts'
import { VERDICTS } from '../verdict.ts'
import { AddressTable } from './address-table.ts'
import { NameTable } from './name-table.ts'
import { OctetTable } from './octet-table.ts'
import type { PacketBatch, PacketRecord } from './packet-batch.ts'

/** Makes room for 2^40 batches: batch number and index are one number below 2^53. */
export const MAX_BATCH_RECORDS = 8192

/** `PacketRecord.bits`. */
export const RECORD = { incomplete: 1, toMany: 2, again: 4, arrival: 8 } as const

/** What a line says of a packet besides; -1 where it does not. */
export interface PacketExtra {
  readonly uid: number
  readonly gid: number
  readonly mark: number
  /** The line has no time: the packet's is that of its arrival. */
  readonly arrival?: boolean
}

/** What a record stands for besides its first packet. */
export interface Folded {
  readonly lastTime: number
  /** In all. */
  readonly count: number
  readonly ttlHigh: number
}

/** Who seals the batch, and as which. */
export type BatchHead = Pick<PacketBatch, 'agent' | 'reporter' | 'site' | 'number' | 'sealed'>

type Open<T> = { -readonly [Key in keyof T]: T[Key] }

const NO_EXTRA: PacketExtra = { uid: -1, gid: -1, mark: -1 }
/** As records usually are; strings, addresses and blobs come on top. */
const RECORD_BYTES = 60
const HEAD_BYTES = 200
/** Times are ints. */
const MAX_MS = 2 ** 30

export class BatchWriter {
  readonly #names = new NameTable()
  readonly #addresses: AddressTable
  readonly #blobs: OctetTable
  #records: Open<PacketRecord>[] = []
  #base = 0

  /** The seed keeps a stranger from filling the tables with addresses that collide. */
  constructor(seed = 0) {
    this.#addresses = new AddressTable(seed)
    this.#blobs = new OctetTable(seed)
  }

  get isEmpty(): boolean {
    return this.#records.length === 0
  }

  get records(): number {
    return this.#records.length
  }

  /** About what the message will have. */
  get bytesEstimate(): number {
    const tables = this.#names.bytes + this.#addresses.bytes + this.#blobs.bytes
    return HEAD_BYTES + this.#records.length * RECORD_BYTES + tables
  }

  /** Whether a packet of this time can be added; if not, seal. */
  fits(time: number): boolean {
    return this.isEmpty || (this.#records.length < MAX_BATCH_RECORDS && this.isNear(time))
  }

  /** Whether a packet of this time can be folded into a record. */
  isNear(time: number): boolean {
    return Math.abs(time - this.#base) < MAX_MS
  }

  /** The record's index, to fold further packets into. The packet must have a time. */
  add(packet: Packet, extra: PacketExtra | undefined): number {
    if (!this.fits(packet.time)) throw new RangeError('the batch has no room for this packet: seal it first')
    if (this.isEmpty) this.#base = Math.floor(packet.time)
    return this.#records.push(this.#record(packet, extra ?? NO_EXTRA)) - 1
  }

  /** A packet that others like it have been folded into. */
  addFolded(packet: Packet, folded: Folded, extra: PacketExtra | undefined): number {
    const index = this.add(packet, extra)
    const record = this.#records[index] as Open<PacketRecord>
    record.lasted = Math.min(Math.max(Math.floor(folded.lastTime) - this.#base - record.at, 0), MAX_MS)
    record.count = folded.count
    record.ttlHigh = folded.ttlHigh
    return index
  }

  /** One more of the packets that the record stands for. */
  fold(index: number, packet: Packet): void {
    if (!this.isNear(packet.time)) throw new RangeError('the packet is too far in time to be folded')
    const record = this.#records[index] as Open<PacketRecord>
    const at = Math.floor(packet.time) - this.#base
    const last = Math.max(record.at + record.lasted, at)
    record.at = Math.min(record.at, at)
    record.lasted = last - record.at
    record.count += packet.count
    record.ttl = Math.min(record.ttl, packet.ttl)
    record.ttlHigh = Math.max(record.ttlHigh, packet.ttl)
  }

  /** The batch; the writer is empty then. */
  seal(head: BatchHead): PacketBatch {
    const { bytes, ends } = this.#blobs.take()
    const packets = this.#records
    this.#records = []
    return {
      ...head,
      base: this.#base,
      names: this.#names.take(),
      addresses: this.#addresses.take(),
      blobs: bytes,
      blobEnds: ends,
      packets,
    }
  }

  #record(packet: Packet, extra: PacketExtra): Open<PacketRecord> {
    return {
      at: Math.floor(packet.time) - this.#base,
      lasted: 0,
      count: packet.count,
      bits: bitsOf(packet, extra),
      reporter: this.#name(packet.reporter),
      prefix: this.#names.indexOf(packet.prefix),
      verdict: VERDICTS.indexOf(packet.verdict),
      in: this.#name(packet.in),
      out: this.#name(packet.out),
      src: this.#addresses.indexOf(packet.src),
      dst: this.#addresses.indexOf(packet.dst),
      proto: packet.proto,
      spt: packet.spt,
      dpt: packet.dpt,
      flags: packet.flags,
      icmpType: packet.icmpType,
      icmpCode: packet.icmpCode,
      len: packet.len,
      ttl: packet.ttl,
      ttlHigh: packet.ttl,
      id: packet.id,
      tos: packet.tos,
      window: packet.window,
      seq: packet.seq,
      ack: packet.ack,
      udpLen: packet.udpLen,
      icmpId: packet.icmpId,
      icmpSeq: packet.icmpSeq,
      fragment: packet.fragment,
      fragmentOffset: packet.fragmentOffset,
      mac: this.#blob(packet.line, packet.mac),
      tcpOptions: this.#blob(packet.line, packet.tcpOptions),
      ipOptions: this.#blob(packet.line, packet.ipOptions),
      inner: this.#blob(packet.line, packet.inner),
      uid: extra.uid,
      gid: extra.gid,
      mark: extra.mark,
    }
  }

  #name(name: string): number {
    return name === '' ? -1 : this.#names.indexOf(name)
  }

  #blob(line: Uint8Array, span: Span): number {
    return span.start < 0 ? -1 : this.#blobs.indexOf(line, span.start, span.end)
  }
}

function bitsOf(packet: Packet, extra: PacketExtra): number {
  return (
    (packet.incomplete ? RECORD.incomplete : 0) |
    (packet.toMany ? RECORD.toMany : 0) |
    (packet.again ? RECORD.again : 0) |
    (extra.arrival === true ? RECORD.arrival : 0)
  )
}
