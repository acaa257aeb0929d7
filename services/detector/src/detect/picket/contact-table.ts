/**
 * Up to 192 contacts in a row, by host number, shape and marks: open addressing, three words a contact.
 *
 * A position counts from the start of the page, and is valid until the row grows.
 */
import { mix } from '@picket/schemas'
import { CONTACT, hasPort } from './contact.ts'
import type { Row } from './row-store.ts'
import { FEW } from './scan-row.ts'

export const CONTACT_WORDS = 3
/** Words of a contact behind its key, which is host << 24 | shape. */
export const MINUTE = 1
/** 0 when the slot is empty. */
export const MARKS = 2

/** The bits of a key below the host. */
export const SHAPE = 0xff_ffff

/** Walk with `for (let at = slotsOf(row); at < slotsEnd(row); at += CONTACT_WORDS)`, and skip empty slots. */
export function slotsOf(row: Row): number {
  return row.base + (row.words[row.base + FEW.slotsAt] as number)
}

export function slotsEnd(row: Row): number {
  return slotsOf(row) + (row.words[row.base + FEW.slots] as number) * CONTACT_WORDS
}

/** Where the contact stands, or the empty slot that it would take. There must be an empty slot. */
export function locateContact(row: Row, key: number, portless: number): number {
  const { words, base } = row
  const start = base + (words[base + FEW.slotsAt] as number)
  const slots = words[base + FEW.slots] as number
  const end = start + slots * CONTACT_WORDS
  let at = start + (((mix(key ^ portless) >>> 16) * slots) >>> 16) * CONTACT_WORDS
  for (;;) {
    const marks = words[at + MARKS] as number
    if (marks === 0 || (words[at] === key && (marks & CONTACT.portless) === portless)) return at
    at += CONTACT_WORDS
    if (at === end) at = start
  }
}

export function putContact(row: Row, at: number, key: number, minute: number, marks: number): void {
  row.words[at] = key
  row.words[at + MINUTE] = minute
  row.words[at + MARKS] = marks
}

export function hasOlder(row: Row, minute: number): boolean {
  const words = row.words
  const end = slotsEnd(row)
  for (let at = slotsOf(row); at < end; at += CONTACT_WORDS) {
    if (words[at + MARKS] !== 0 && (words[at + MINUTE] as number) < minute) return true
  }
  return false
}

/** Contacts that agree with the key in the masked bits. */
export function countAlike(row: Row, key: number, mask: number): number {
  const words = row.words
  const wanted = key & mask
  const end = slotsEnd(row)
  let count = 0
  for (let at = slotsOf(row); at < end; at += CONTACT_WORDS) {
    if (((words[at] as number) & mask) === wanted && words[at + MARKS] !== 0) count++
  }
  return count
}

/** Whether another contact has the port that this key names. */
export function hasShapeBut(row: Row, key: number): boolean {
  const words = row.words
  const end = slotsEnd(row)
  for (let at = slotsOf(row); at < end; at += CONTACT_WORDS) {
    const difference = (words[at] as number) ^ key
    if ((difference & SHAPE) !== 0 || difference === 0) continue
    if (((words[at + MARKS] as number) & (CONTACT.used | CONTACT.portless)) === CONTACT.used) return true
  }
  return false
}

/** The protocols of the contacts, ascending. */
export function protocolsOf(row: Row): number[] {
  const words = row.words
  const end = slotsEnd(row)
  const found: number[] = []
  let last = -1
  for (let at = slotsOf(row); at < end; at += CONTACT_WORDS) {
    const proto = ((words[at] as number) & SHAPE) >>> 16
    if (words[at + MARKS] === 0 || proto === last) continue
    if (!found.includes(proto)) found.push(proto)
    last = proto
  }
  return found.length < 2 ? found : found.sort((a, b) => a - b)
}

/** The shapes that name a port, in no order; one that several hosts were asked for stands several times. */
export function portShapes(row: Row): Int32Array {
  const words = row.words
  const shapes = new Int32Array(words[row.base + FEW.contacts] as number)
  const end = slotsEnd(row)
  let found = 0
  for (let at = slotsOf(row); at < end; at += CONTACT_WORDS) {
    const marks = words[at + MARKS] as number
    const shape = (words[at] as number) & SHAPE
    if (marks !== 0 && hasPort(shape, marks)) shapes[found++] = shape
  }
  return shapes.subarray(0, found)
}
