/**
 * AddressTable: the addresses of a batch, each once, 16 bytes each.
 *
 * A stranger chooses them, so the hash takes a seed. The table is open-addressed and at most half full.
 */
import type { Address } from '../address.ts'
import { hashAddress } from '../hash.ts'

const SLOTS = 256

export class AddressTable {
  readonly #seed: number
  /** Index + 1, 0 where free. */
  #slots: Int32Array = new Int32Array(SLOTS)
  #words: Int32Array = new Int32Array(SLOTS * 2)
  #size = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  get bytes(): number {
    return this.#size * 16
  }

  indexOf(address: Address): number {
    const mask = this.#slots.length - 1
    let slot = hashAddress(address, this.#seed) & mask
    for (;;) {
      const index = (this.#slots[slot] as number) - 1
      if (index < 0) return this.#add(slot, address)
      if (this.#isAt(index * 4, address)) return index
      slot = (slot + 1) & mask
    }
  }

  #isAt(at: number, address: Address): boolean {
    const words = this.#words
    return (
      words[at + 3] === address[3] &&
      words[at + 2] === address[2] &&
      words[at + 1] === address[1] &&
      words[at] === address[0]
    )
  }

  #add(slot: number, address: Address): number {
    const index = this.#size++
    this.#slots[slot] = index + 1
    this.#words.set(address, index * 4)
    if (this.#size * 2 === this.#slots.length) this.#grow()
    return index
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    const words = new Int32Array(this.#words.length * 2)
    words.set(this.#words)
    for (let index = 0; index < this.#size; index++) {
      let slot = hashAddress(words.subarray(index * 4, index * 4 + 4), this.#seed) & (slots.length - 1)
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
      slots[slot] = index + 1
    }
    this.#slots = slots
    this.#words = words
  }

  /** All of them; the table is empty then. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.#size * 16)
    const view = new DataView(bytes.buffer)
    for (let i = 0; i < this.#size * 4; i++) view.setInt32(i * 4, this.#words[i] as number)
    this.#slots.fill(0)
    this.#size = 0
    return bytes
  }
}
