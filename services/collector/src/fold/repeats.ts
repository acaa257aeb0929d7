/**
 * Repeats: which packets of a batch are alike enough to become one record.
 *
 * The first few of a kind stay whole, as evidence; the rest go into one record, which counts them. What is not in
 * the key (source port, sequence number, length) is that of the record's first packet. Packets a minute or more apart
 * are told apart whatever they are, as a record tells two times only and windows lie between them.
 */
import type { Packet, Verdict } from '@picket/schemas'

/** DESIGN 4: the first so many of a batch stay whole. */
export const WHOLE_PACKETS = 4
export const FOLD_SPAN_MS = 60_000

/** Words of a key: addresses, protocol, port, ICMP type and code, flags, verdict with bits. */
const WORDS = 13
const VERDICT: Readonly<Record<Verdict, number>> = { drop: 0, reject: 1, accept: 2, audit: 3, unknown: 4 }
const SMALLEST = 64

export class Repeats {
  /** Raising it forgets all: a row counts only if it carries this number. */
  private round = 1
  private used = 0
  private slots = 0
  private rounds: Int32Array = new Int32Array(0)
  private hashes: Int32Array = new Int32Array(0)
  private rows: Int32Array = new Int32Array(0)
  /** How many of the kind came, up to the one that became the record. */
  private seen: Int32Array = new Int32Array(0)
  private records: Int32Array = new Int32Array(0)
  private first: Float64Array = new Float64Array(0)
  private last: Float64Array = new Float64Array(0)
  /** Four of each: interfaces, prefix, reporter. Equal texts are mostly one object. */
  private texts: string[] = []
  private readonly key: Int32Array = new Int32Array(WORDS)

  constructor() {
    this.resize(SMALLEST)
  }

  /** A new batch begins. */
  clear(): void {
    this.round++
    this.used = 0
  }

  /**
   * The record that takes the packet in. `next` means: one of its own, which must then be the batch's record
   * of that number.
   */
  place(packet: Packet, isTimed: boolean, next: number, whole: number): number {
    if (this.used * 2 >= this.slots) this.resize(this.slots * 2)
    const hash = this.identify(packet, isTimed)
    const slot = this.slotOf(hash, packet)
    if (this.rounds[slot] !== this.round) this.take(slot, hash, packet)
    else if (!this.stretch(slot, packet.time)) this.begin(slot, packet.time)
    const seen = this.seen[slot] as number
    if (seen > whole) return this.records[slot] as number
    this.seen[slot] = seen + 1
    this.records[slot] = next
    return next
  }

  /** The slot that holds the packet's kind, or the free one where it belongs. */
  private slotOf(hash: number, packet: Packet): number {
    const mask = this.slots - 1
    let slot = hash & mask
    while (this.rounds[slot] === this.round && !this.isAt(slot, hash, packet)) slot = (slot + 1) & mask
    return slot
  }

  private isAt(slot: number, hash: number, packet: Packet): boolean {
    if (this.hashes[slot] !== hash) return false
    const { key, rows, texts } = this
    for (let i = 0, at = slot * WORDS; i < WORDS; i++, at++) if (rows[at] !== key[i]) return false
    const text = slot * 4
    return (
      texts[text] === packet.in &&
      texts[text + 1] === packet.out &&
      texts[text + 2] === packet.prefix &&
      texts[text + 3] === packet.reporter
    )
  }

  private take(slot: number, hash: number, packet: Packet): void {
    this.used++
    this.rounds[slot] = this.round
    this.hashes[slot] = hash
    this.rows.set(this.key, slot * WORDS)
    const text = slot * 4
    this.texts[text] = packet.in
    this.texts[text + 1] = packet.out
    this.texts[text + 2] = packet.prefix
    this.texts[text + 3] = packet.reporter
    this.begin(slot, packet.time)
  }

  private begin(slot: number, time: number): void {
    this.seen[slot] = 0
    this.first[slot] = time
    this.last[slot] = time
  }

  /** Takes the time into the kind's range; false where that would become too long. */
  private stretch(slot: number, time: number): boolean {
    const first = Math.min(this.first[slot] as number, time)
    const last = Math.max(this.last[slot] as number, time)
    if (last - first >= FOLD_SPAN_MS) return false
    this.first[slot] = first
    this.last[slot] = last
    return true
  }

  /** Writes the packet's kind into `key`; returns its hash. */
  private identify(packet: Packet, isTimed: boolean): number {
    const { key } = this
    const { src, dst } = packet
    for (let i = 0; i < 4; i++) {
      key[i] = src[i] as number
      key[i + 4] = dst[i] as number
    }
    key[8] = packet.proto
    key[9] = packet.dpt
    key[10] = ((packet.icmpType + 1) << 9) | (packet.icmpCode + 1)
    key[11] = packet.flags
    const bits = Number(packet.incomplete) | (Number(packet.toMany) << 1) | (Number(packet.again) << 2)
    key[12] = (VERDICT[packet.verdict] << 4) | bits | (Number(!isTimed) << 3)
    return hashOf(key)
  }

  /** Doubles the table as it fills; what it knows moves along. */
  private resize(slots: number): void {
    const { slots: before, rounds, hashes, rows, seen, records, first, last, texts } = this
    this.slots = slots
    this.rounds = new Int32Array(slots)
    this.hashes = new Int32Array(slots)
    this.rows = new Int32Array(slots * WORDS)
    this.seen = new Int32Array(slots)
    this.records = new Int32Array(slots)
    this.first = new Float64Array(slots)
    this.last = new Float64Array(slots)
    this.texts = new Array(slots * 4).fill('')
    for (let slot = 0; slot < before; slot++) {
      if (rounds[slot] !== this.round) continue
      let to = (hashes[slot] as number) & (slots - 1)
      while (this.rounds[to] === this.round) to = (to + 1) & (slots - 1)
      this.rounds[to] = this.round
      this.hashes[to] = hashes[slot] as number
      this.rows.set(rows.subarray(slot * WORDS, (slot + 1) * WORDS), to * WORDS)
      this.seen[to] = seen[slot] as number
      this.records[to] = records[slot] as number
      this.first[to] = first[slot] as number
      this.last[to] = last[slot] as number
      for (let i = 0; i < 4; i++) this.texts[to * 4 + i] = texts[slot * 4 + i] as string
    }
  }
}

function hashOf(key: Int32Array): number {
  let hash = 0
  for (let i = 0; i < WORDS; i++) hash = Math.imul(hash ^ (key[i] as number), 0x9e3779b1) ^ (hash >>> 15)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}
