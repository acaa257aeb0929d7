/**
 * SourceTable: packets per source address, for the list of the busiest.
 *
 * Open addressing over typed arrays: it is asked once per packet, so nothing is allocated but when it
 * doubles. Beyond MAX_SOURCES a new source is only counted as `crowded`: a flood of made-up sources
 * must not take the memory, and none of its members would be among the busiest.
 */
import { type Address, printAddress } from '@picket/schemas'

const FIRST_SLOTS = 1 << 12
const MAX_SOURCES = 1 << 21

export interface CountedSource {
  readonly address: Address
  readonly source: string
  readonly packets: number
}

export class SourceTable {
  /** Packets of sources that found no room. */
  crowded = 0
  size = 0
  #words = new Int32Array(FIRST_SLOTS * 4)
  #counts = new Float64Array(FIRST_SLOTS)
  #mask = FIRST_SLOTS - 1

  add(address: Address, packets: number): void {
    const slot = this.#slotOf(address)
    if (this.#counts[slot] !== 0) {
      this.#counts[slot] = (this.#counts[slot] as number) + packets
      return
    }
    if (this.size >= MAX_SOURCES) {
      this.crowded += packets
      return
    }
    this.#words.set(address, slot * 4)
    this.#counts[slot] = packets
    if (++this.size * 2 > this.#counts.length) this.#double()
  }

  /** The busiest first; among equals the lower address, so that the list does not depend on the order of lines. */
  top(count: number): CountedSource[] {
    const slots: number[] = []
    for (let slot = 0; slot < this.#counts.length; slot++) {
      if (this.#counts[slot] !== 0) slots.push(slot)
    }
    slots.sort((a, b) => this.#rank(a, b))
    return slots.slice(0, count).map((slot) => {
      const address = this.#words.slice(slot * 4, slot * 4 + 4)
      return { address, source: printAddress(address), packets: this.#counts[slot] as number }
    })
  }

  #rank(a: number, b: number): number {
    const byPackets = (this.#counts[b] as number) - (this.#counts[a] as number)
    if (byPackets !== 0) return byPackets
    for (let word = 0; word < 4; word++) {
      const byWord =
        ((this.#words[a * 4 + word] as number) >>> 0) - ((this.#words[b * 4 + word] as number) >>> 0)
      if (byWord !== 0) return byWord
    }
    return 0
  }

  /** The address's slot, or the empty one where it belongs. */
  #slotOf(address: Address): number {
    const words = this.#words
    const a = address[0] as number
    const b = address[1] as number
    const c = address[2] as number
    const d = address[3] as number
    let slot = hash(a, b, c, d) & this.#mask
    while (this.#counts[slot] !== 0) {
      const at = slot * 4
      if (words[at + 3] === d && words[at + 2] === c && words[at + 1] === b && words[at] === a) break
      slot = (slot + 1) & this.#mask
    }
    return slot
  }

  #double(): void {
    const [words, counts] = [this.#words, this.#counts]
    this.#words = new Int32Array(words.length * 2)
    this.#counts = new Float64Array(counts.length * 2)
    this.#mask = this.#counts.length - 1
    for (let slot = 0; slot < counts.length; slot++) {
      if (counts[slot] === 0) continue
      const address = words.subarray(slot * 4, slot * 4 + 4)
      const to = this.#slotOf(address)
      this.#words.set(address, to * 4)
      this.#counts[to] = counts[slot] as number
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
