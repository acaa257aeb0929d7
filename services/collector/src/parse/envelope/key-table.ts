/**
 * The keys of a JSON record that we read, found by their bytes without a string being made.
 */
import { ascii, spells } from './syslog-head.ts'

const SLOTS = 1024

export class KeyTable {
  private readonly keys: readonly Uint8Array[]
  private readonly slots: Int16Array = new Int16Array(SLOTS).fill(-1)

  constructor(names: readonly string[]) {
    this.keys = names.map(ascii)
    this.keys.forEach((key, index) => {
      let slot = slotOf(key, 0, key.length)
      while (this.slots[slot] !== -1) slot = (slot + 1) % SLOTS
      this.slots[slot] = index
    })
  }

  /** The place of this key in the list of names, or -1. */
  indexOf(bytes: Uint8Array, start: number, end: number): number {
    let slot = slotOf(bytes, start, end)
    while (true) {
      const index = this.slots[slot] as number
      if (index < 0) return -1
      const key = this.keys[index] as Uint8Array
      if (key.length === end - start && spells(bytes, start, end, key)) return index
      slot = (slot + 1) % SLOTS
    }
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 33) + (bytes[at] as number)) | 0
  return (hash ^ (hash >>> 11)) & (SLOTS - 1)
}
