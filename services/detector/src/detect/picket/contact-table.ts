/**
 * ContactTable: up to 192 contacts by host number, shape and marks; open addressing, three words a contact.
 *
 * A position is valid until the next `insert`, which may move everything.
 */

import { mix } from '../hash.ts'
import { newWords, type Words } from '../words.ts'
import { CONTACT, hasPort } from './contact.ts'

const STRIDE = 3
const MINUTE = 1
const MARKS = 2

export class ContactTable {
  size = 0
  private slots: Words = newWords(4 * STRIDE)

  /** Where the contact stands, or the empty slot that it would take. `key` is host << 24 | shape. */
  locate(key: number, portless: number): number {
    const slots = this.slots
    const last = slots.length - STRIDE
    let at = (mix(key + portless) & (slots.length / STRIDE - 1)) * STRIDE
    for (;;) {
      const marks = slots[at + MARKS] as number
      if (marks === 0 || (slots[at] === key && (marks & CONTACT.portless) === portless)) return at
      at = at === last ? 0 : at + STRIDE
    }
  }

  keyAt(at: number): number {
    return this.slots[at] as number
  }

  minuteAt(at: number): number {
    return this.slots[at + MINUTE] as number
  }

  /** 0 when the slot is empty. */
  marksAt(at: number): number {
    return this.slots[at + MARKS] as number
  }

  put(at: number, key: number, minute: number, marks: number): void {
    this.slots[at] = key
    this.slots[at + MINUTE] = minute
    this.slots[at + MARKS] = marks
  }

  insert(key: number, minute: number, marks: number): void {
    this.size++
    if (this.size * 16 * STRIDE > this.slots.length * 13) this.grow()
    this.put(this.locate(key, marks & CONTACT.portless), key, minute, marks)
  }

  /** Walk with `for (let at = 0; at < table.end; at = table.next(at))`, and skip empty slots. */
  get end(): number {
    return this.slots.length
  }

  next(at: number): number {
    return at + STRIDE
  }

  hasOlder(minute: number): boolean {
    const slots = this.slots
    for (let at = 0; at < slots.length; at += STRIDE) {
      if (slots[at + MARKS] !== 0 && (slots[at + MINUTE] as number) < minute) return true
    }
    return false
  }

  /** Contacts that agree with the key in the masked bits. */
  countAlike(key: number, mask: number): number {
    const slots = this.slots
    const wanted = key & mask
    let count = 0
    for (let at = 0; at < slots.length; at += STRIDE) {
      if (((slots[at] as number) & mask) === wanted && slots[at + MARKS] !== 0) count++
    }
    return count
  }

  /** The shapes that name a port, in no order; one that several hosts were asked for stands several times. */
  portShapes(): Int32Array {
    const slots = this.slots
    const shapes = new Int32Array(this.size)
    let found = 0
    for (let at = 0; at < slots.length; at += STRIDE) {
      const marks = slots[at + MARKS] as number
      const shape = (slots[at] as number) & 0xff_ffff
      if (marks !== 0 && hasPort(shape, marks)) shapes[found++] = shape
    }
    return shapes.subarray(0, found)
  }

  private grow(): void {
    const old = this.slots
    this.slots = newWords(old.length * 2)
    for (let at = 0; at < old.length; at += STRIDE) {
      const marks = old[at + MARKS] as number
      if (marks === 0) continue
      const key = old[at] as number
      this.put(this.locate(key, marks & CONTACT.portless), key, old[at + MINUTE] as number, marks)
    }
  }
}
