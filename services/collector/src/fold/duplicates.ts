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
  private readonly rows: Int32Array = new Int32Array(SLOTS * WORDS)
  private readonly times: Float64Array = new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY)
  private readonly strengths: Int8Array = new Int8Array(SLOTS).fill(-1)
  private readonly prefixes: string[] = new Array(SLOTS).fill('')
  private readonly reporters: string[] = new Array(SLOTS).fill('')
  private readonly identity: Int32Array = new Int32Array(WORDS)

  /** Whether a line before told of this very packet. Remembers the packet when not. */
  isRepeat(packet: Packet): boolean {
    const slot = identify(packet, this.identity)
    const strength = STRENGTH[packet.verdict]
    const isKnown = this.holds(slot, packet)
    if (isKnown && strength <= (this.strengths[slot] as number)) return true
    this.keep(slot, packet, strength)
    return false
  }

  private holds(slot: number, packet: Packet): boolean {
    const row = slot * WORDS
    for (let i = 0; i < WORDS; i++) {
      if (this.rows[row + i] !== this.identity[i]) return false
    }
    if (Math.abs(packet.time - (this.times[slot] as number)) > WINDOW_MS) return false
    if (this.reporters[slot] !== packet.reporter) return false
    // Without a number of its own a packet's twin may be a packet that was sent again: then one rule logs both.
    return packet.id > 0 || this.prefixes[slot] !== packet.prefix
  }

  private keep(slot: number, packet: Packet, strength: number): void {
    this.rows.set(this.identity, slot * WORDS)
    this.times[slot] = packet.time
    this.strengths[slot] = strength
    this.prefixes[slot] = packet.prefix
    this.reporters[slot] = packet.reporter
  }
}

/** Writes what makes a packet the same packet, and returns its slot. Fragments share an id, not an offset. */
function identify(packet: Packet, into: Int32Array): number {
  into[0] = packet.src[0] as number
  into[1] = packet.src[1] as number
  into[2] = packet.src[2] as number
  into[3] = packet.src[3] as number
  into[4] = packet.dst[0] as number
  into[5] = packet.dst[1] as number
  into[6] = packet.dst[2] as number
  into[7] = packet.dst[3] as number
  into[8] = packet.proto
  into[9] = packet.spt
  into[10] = packet.dpt
  into[11] = packet.id
  into[12] = packet.seq | 0
  into[13] = packet.icmpId
  into[14] = packet.icmpSeq
  into[15] = packet.len
  into[16] = packet.fragmentOffset
  into[17] = packet.flags
  let hash = 0
  for (let i = 0; i < WORDS; i++) hash = Math.imul(hash ^ (into[i] as number), 0x9e3779b1) ^ (hash >>> 15)
  return (hash ^ (hash >>> 16)) & (SLOTS - 1)
}
