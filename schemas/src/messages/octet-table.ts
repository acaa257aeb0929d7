/**
 * OctetTable: the byte strings of a batch (addresses, MACs, options), each once, one behind the other in one buffer.
 *
 * A stranger chooses them, so the hash takes a seed. The table is open-addressed and at most half full.
 */
import { mix } from '../hash.ts'

const SLOTS = 256
const BYTES = 4096

export class OctetTable {
  readonly #seed: number
  /** Index + 1, 0 where free. */
  #slots: Int32Array = new Int32Array(SLOTS)
  #hashes: Int32Array = new Int32Array(SLOTS / 2)
  #ends: Int32Array = new Int32Array(SLOTS / 2)
  #bytes: Uint8Array = new Uint8Array(BYTES)
  #size = 0
  #used = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  get bytes(): number {
    return this.#used + 3 * this.#size
  }

  indexOf(from: Uint8Array, start: number, end: number): number {
    const hash = this.#hash(from, start, end)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (;;) {
      const index = (this.#slots[slot] as number) - 1
      if (index < 0) return this.#add(hash, slot, from, start, end)
      if (this.#hashes[index] === hash && this.#isAt(index, from, start, end)) return index
      slot = (slot + 1) & mask
    }
  }

  /** FNV-1a, seeded and finished. */
  #hash(from: Uint8Array, start: number, end: number): number {
    let hash = this.#seed ^ 0x811c9dc5
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (from[i] as number), 0x01000193)
    return mix(hash)
  }

  #isAt(index: number, from: Uint8Array, start: number, end: number): boolean {
    const at = index === 0 ? 0 : (this.#ends[index - 1] as number)
    const length = end - start
    if ((this.#ends[index] as number) - at !== length) return false
    for (let i = 0; i < length; i++) if (this.#bytes[at + i] !== from[start + i]) return false
    return true
  }

  #add(hash: number, slot: number, from: Uint8Array, start: number, end: number): number {
    const index = this.#size++
    this.#slots[slot] = index + 1
    this.#hashes[index] = hash
    this.#reserve(this.#used + end - start)
    for (let i = start; i < end; i++) this.#bytes[this.#used++] = from[i] as number
    this.#ends[index] = this.#used
    if (this.#size * 2 === this.#slots.length) this.#grow()
    return index
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(bytes, this.#bytes.length * 2))
    grown.set(this.#bytes)
    this.#bytes = grown
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    for (let index = 0; index < this.#size; index++) {
      let slot = (this.#hashes[index] as number) & (slots.length - 1)
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
      slots[slot] = index + 1
    }
    this.#slots = slots
    this.#hashes = grown(this.#hashes)
    this.#ends = grown(this.#ends)
  }

  /** All of them; the table is empty then. */
  take(): { bytes: Uint8Array; ends: number[] } {
    const taken = { bytes: this.#bytes.slice(0, this.#used), ends: [...this.#ends.subarray(0, this.#size)] }
    this.#slots.fill(0)
    this.#size = 0
    this.#used = 0
    return taken
  }
}

function grown(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
