/**
 * SourceTable: packets per source address, for the list of the busiest.
 *
 * Open addressing over typed arrays: it is asked once per packet, so nothing is allocated but when it
 * doubles. Beyond MAX_SOURCES a new source is only counted as `crowded`: a flood of made-up sources
 * must not take the memory, and none of its members would be among the busiest.
 */
import { type Address, compareAddresses, printAddress } from '@picket/schemas'

const FIRST_SLOTS = 1 << 12
const MAX_SOURCES = 1 << 21
/** A row is four words of address and one float64 of packets: 24 bytes, mostly one cache line. */
const WORDS = 6
const FLOATS = 3

export interface CountedSource {
  readonly address: Address
  readonly source: string
  readonly packets: number
}

export class SourceTable {
  /** Packets of sources that found no room. */
  crowded = 0
  size = 0
  #mask = FIRST_SLOTS - 1
  #words = new Int32Array(FIRST_SLOTS * WORDS)
  /** The same memory: the third float64 of a row is its packets; 0 is an empty row. */
  #counts = new Float64Array(this.#words.buffer)

  add(address: Address, packets: number): void {
    const slot = this.#slotOf(address)
    const at = slot * FLOATS + 2
    const before = this.#counts[at] as number
    if (before !== 0) {
      this.#counts[at] = before + packets
      return
    }
    if (this.size >= MAX_SOURCES) {
      this.crowded += packets
      return
    }
    this.#words.set(address, slot * WORDS)
    this.#counts[at] = packets
    if (++this.size * 4 > (this.#mask + 1) * 3) this.#double()
  }

  /** The busiest first; among equals the lower address, so that the list does not depend on the order of lines. */
  top(count: number): CountedSource[] {
    const slots = this.#busiest(count)
    slots.sort((a, b) => this.#packetsAt(b) - this.#packetsAt(a) || this.#compare(a, b))
    return slots.slice(0, count).map((slot) => {
      const address = this.#addressAt(slot)
      return { address, source: printAddress(address), packets: this.#packetsAt(slot) }
    })
  }

  /** The slots that may be among the busiest so many: those with at least as many packets as the last of them. */
  #busiest(count: number): number[] {
    const packets = new Float64Array(this.size)
    let met = 0
    for (let slot = 0; slot <= this.#mask; slot++) {
      if (this.#packetsAt(slot) !== 0) packets[met++] = this.#packetsAt(slot)
    }
    const least = packets.sort()[this.size - count] ?? 0
    const slots: number[] = []
    for (let slot = 0; slot <= this.#mask; slot++) {
      if (this.#packetsAt(slot) !== 0 && this.#packetsAt(slot) >= least) slots.push(slot)
    }
    return slots
  }

  #compare(a: number, b: number): number {
    return compareAddresses(this.#addressAt(a), this.#addressAt(b))
  }

  #packetsAt(slot: number): number {
    return this.#counts[slot * FLOATS + 2] as number
  }

  #addressAt(slot: number): Address {
    return this.#words.slice(slot * WORDS, slot * WORDS + 4)
  }

  /** The address's slot, or the empty one where it belongs. */
  #slotOf(address: Address): number {
    const words = this.#words
    const a = address[0] as number
    const b = address[1] as number
    const c = address[2] as number
    const d = address[3] as number
    let slot = hash(a, b, c, d) & this.#mask
    while (this.#counts[slot * FLOATS + 2] !== 0) {
      const at = slot * WORDS
      if (words[at + 3] === d && words[at + 2] === c && words[at + 1] === b && words[at] === a) break
      slot = (slot + 1) & this.#mask
    }
    return slot
  }

  #double(): void {
    const words = this.#words
    const counts = this.#counts
    this.#words = new Int32Array(words.length * 2)
    this.#counts = new Float64Array(this.#words.buffer)
    this.#mask = this.#mask * 2 + 1
    for (let slot = 0; slot * FLOATS < counts.length; slot++) {
      const packets = counts[slot * FLOATS + 2] as number
      if (packets === 0) continue
      const address = words.subarray(slot * WORDS, slot * WORDS + 4)
      const to = this.#slotOf(address)
      this.#words.set(address, to * WORDS)
      this.#counts[to * FLOATS + 2] = packets
    }
  }
}

/** Multiply and fold (the constants of MurmurHash3's finaliser); seeds are not needed, the table is bounded. */
function hash(a: number, b: number, c: number, d: number): number {
  let mixed = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ d
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
