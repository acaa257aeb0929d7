/**
 * Duplicates: one packet that several rules of one host logged counts once.
 *
 * UFW writes AUDIT, AUDIT INVALID and BLOCK for the same packet. Their lines stand close together, so a
 * small direct-mapped table that forgets on collision does; what it forgets is counted twice, never hidden.
 * A refusal is never hidden behind the AUDIT or ACCEPT line of the same packet.
 */
import type { Packet, Verdict } from '@picket/schemas'

/** Power of two: lines of one host between the first and the last line of one packet. */
const SLOTS = 4096
const WINDOW_MS = 1_000
/** Words of a packet's identity, in one row of the table. */
const WORDS = 18

/** A line that let the packet pass (0) says less of what became of it than one that may have refused it (1). */
const STRENGTH: Readonly<Record<Verdict, number>> = { audit: 0, accept: 0, unknown: 1, reject: 1, drop: 1 }

export class Duplicates {
  /** Looked at first: nearly all packets are told apart by it. */
  private readonly hashes: Int32Array = new Int32Array(SLOTS)
  private readonly rows: Int32Array = new Int32Array(SLOTS * WORDS)
  private readonly times: Float64Array = new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY)
  private readonly strengths: Int8Array = new Int8Array(SLOTS).fill(-1)
  private readonly prefixes: string[] = new Array(SLOTS).fill('')
  private readonly reporters: string[] = new Array(SLOTS).fill('')
  private readonly identity: Int32Array = new Int32Array(WORDS)

  /** Whether a line before told of this very packet. Remembers the packet when not, and sets its `again`. */
  isRepeat(packet: Packet): boolean {
    const hash = hashOf(packet)
    const slot = hash & (SLOTS - 1)
    const strength = STRENGTH[packet.verdict]
    const isKnown = this.holds(slot, hash, packet)
    if (isKnown && strength <= (this.strengths[slot] as number)) return true
    packet.again = isKnown
    this.keep(slot, hash, packet, strength)
    return false
  }

  private holds(slot: number, hash: number, packet: Packet): boolean {
    if (this.hashes[slot] !== hash || !this.isAt(slot * WORDS, packet)) return false
    if (Math.abs(packet.time - (this.times[slot] as number)) > WINDOW_MS) return false
    if (this.reporters[slot] !== packet.reporter) return false
    // Without a number of its own a packet's twin may be a packet that was sent again: then one rule logs both.
    return packet.id > 0 || this.prefixes[slot] !== packet.prefix
  }

  private isAt(row: number, packet: Packet): boolean {
    identify(packet, this.identity, 0)
    for (let i = 0; i < WORDS; i++) {
      if (this.rows[row + i] !== this.identity[i]) return false
    }
    return true
  }

  private keep(slot: number, hash: number, packet: Packet, strength: number): void {
    this.hashes[slot] = hash
    identify(packet, this.rows, slot * WORDS)
    this.times[slot] = packet.time
    this.strengths[slot] = strength
    this.prefixes[slot] = packet.prefix
    this.reporters[slot] = packet.reporter
  }
}

/** Of what changes from packet to packet; packets that share it are told apart by their whole identity. */
function hashOf(packet: Packet): number {
  const { src, dst } = packet
  const source = Math.imul((src[3] as number) ^ (src[1] as number), 0x9e3779b1)
  const target = Math.imul((dst[3] as number) ^ (dst[1] as number), 0x85ebca6b)
  const ports = Math.imul((packet.spt << 16) ^ packet.dpt, 0xc2b2ae35)
  const numbers = Math.imul(
    (packet.id << 16) ^ packet.seq ^ packet.icmpSeq ^ packet.fragmentOffset,
    0x27d4eb2f,
  )
  const hash = Math.imul(source ^ (target >>> 15) ^ target ^ (ports >>> 13) ^ ports ^ numbers, 0x9e3779b1)
  return hash ^ (hash >>> 16)
}

/** Writes what makes a packet the same packet. Fragments share an id, not an offset. */
function identify(packet: Packet, into: Int32Array, at: number): void {
  into[at] = packet.src[0] as number
  into[at + 1] = packet.src[1] as number
  into[at + 2] = packet.src[2] as number
  into[at + 3] = packet.src[3] as number
  into[at + 4] = packet.dst[0] as number
  into[at + 5] = packet.dst[1] as number
  into[at + 6] = packet.dst[2] as number
  into[at + 7] = packet.dst[3] as number
  into[at + 8] = packet.proto
  into[at + 9] = packet.spt
  into[at + 10] = packet.dpt
  into[at + 11] = packet.id
  into[at + 12] = packet.seq | 0
  into[at + 13] = packet.icmpId
  into[at + 14] = packet.icmpSeq
  into[at + 15] = packet.len
  into[at + 16] = packet.fragmentOffset
  into[at + 17] = packet.flags
}
