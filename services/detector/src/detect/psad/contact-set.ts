/**
 * ContactSet: which ports (or ICMP types) of which protocols one host was asked for; exact.
 *
 * A hash table of 4-byte keys up to 768 contacts, then a bitmap per protocol (8 KiB), which is the smaller from
 * there on. Nobody allocates until a table is full.
 */

import { newWords, type Words } from '../words.ts'

/** Value behind the ports: 65,536 + ICMP type, and one more for packets that have neither. */
const NO_PORT = 65_536
const VALUES = NO_PORT + 257
const MAX_SLOTS = 1024

export class ContactSet {
  size = 0
  private slots: Words = newWords(4)
  private bitmaps: Map<number, Uint8Array> | undefined

  /** Whether it was not there before. */
  add(proto: number, port: number, icmpType: number): boolean {
    return this.addValue(proto, port >= 0 ? port : NO_PORT + (icmpType >= 0 ? icmpType : 256))
  }

  /** Runs of neighbouring contacts: [protocol, first, last, protocol, …], ascending. Ports are below 65,536. */
  ranges(): number[] {
    const ranges: number[] = []
    for (const key of this.keys().sort((a, b) => a - b)) {
      const proto = Math.floor(key / VALUES)
      const value = key % VALUES
      const end = ranges.length
      if (end > 0 && ranges[end - 3] === proto && ranges[end - 1] === value - 1) ranges[end - 1] = value
      else ranges.push(proto, value, value)
    }
    return ranges
  }

  addRanges(ranges: readonly number[]): void {
    for (let i = 0; i + 2 < ranges.length; i += 3) {
      const last = ranges[i + 2] as number
      for (let value = ranges[i + 1] as number; value <= last; value++)
        this.addValue(ranges[i] as number, value)
    }
  }

  private addValue(proto: number, value: number): boolean {
    const isNew = this.bitmaps === undefined ? this.addKey(proto * VALUES + value) : this.addBit(proto, value)
    if (isNew) this.size++
    return isNew
  }

  /** Keys are held plus one, so that 0 is a free slot. */
  private addKey(key: number): boolean {
    const mask = this.slots.length - 1
    let at = slotOf(key, mask)
    while (this.slots[at] !== 0) {
      if (this.slots[at] === key + 1) return false
      at = (at + 1) & mask
    }
    this.slots[at] = key + 1
    if ((this.size + 1) * 4 > this.slots.length * 3) this.grow()
    return true
  }

  private grow(): void {
    const keys = this.keys()
    if (this.slots.length === MAX_SLOTS) {
      this.bitmaps = new Map()
      this.slots = newWords(0)
      for (const key of keys) this.addBit(Math.floor(key / VALUES), key % VALUES)
      return
    }
    this.slots = newWords(this.slots.length * 2)
    const mask = this.slots.length - 1
    for (const key of keys) {
      let at = slotOf(key, mask)
      while (this.slots[at] !== 0) at = (at + 1) & mask
      this.slots[at] = key + 1
    }
  }

  private addBit(proto: number, value: number): boolean {
    let bitmap = this.bitmaps?.get(proto)
    if (bitmap === undefined) {
      bitmap = new Uint8Array((VALUES >>> 3) + 1)
      this.bitmaps?.set(proto, bitmap)
    }
    const bit = 1 << (value & 7)
    const byte = bitmap[value >>> 3] as number
    bitmap[value >>> 3] = byte | bit
    return (byte & bit) === 0
  }

  private keys(): number[] {
    if (this.bitmaps === undefined) {
      return Array.from(this.slots, (slot) => slot - 1).filter((key) => key >= 0)
    }
    return [...this.bitmaps].flatMap(([proto, bitmap]) =>
      valuesOf(bitmap).map((value) => proto * VALUES + value),
    )
  }
}

function valuesOf(bitmap: Uint8Array): number[] {
  const values: number[] = []
  for (let value = 0; value < VALUES; value++) {
    if (((bitmap[value >>> 3] as number) & (1 << (value & 7))) !== 0) values.push(value)
  }
  return values
}

/** Ports of a scan are neighbours: a multiplication by 2^32 / golden ratio spreads them. */
function slotOf(key: number, mask: number): number {
  return (Math.imul(key, -1640531527) >>> 16) & mask
}
