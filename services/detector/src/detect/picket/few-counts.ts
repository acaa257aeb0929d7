/**
 * What is counted along with few contacts, so that the judgement need not walk them.
 *
 * Every count only grows, and grows by what the contact and its marks say, not by when it came.
 */
import { mix } from '@picket/schemas'
import { CONTACT, hasPort, isIcmp } from './contact.ts'
import { countAlike, hasShapeBut, locateContact, MARKS, putContact, SHAPE } from './contact-table.ts'
import { tallyAt } from './few-hosts.ts'
import {
  addEvidence,
  hasEvidence,
  isAskedByIcmp,
  ONE_PORT,
  ONE_PROTOCOL,
  portsOf,
  protocolBit,
  protocolsOf,
} from './host-tally.ts'
import type { PortClasses } from './port-classes.ts'
import type { Row } from './row-store.ts'
import { AT, FEW, FLAG } from './scan-row.ts'
import { isSweptBy } from './sweep.ts'

/** Of a key. */
const HOST_AND_PROTOCOL = -0x1_0000

/** Puts in a contact of a known host, and counts it. */
export function countNew(row: Row, key: number, marks: number, minute: number, classes: PortClasses): void {
  const marked = marks | (markRow(row, key, marks, classes) ? CONTACT.row : 0)
  putContact(row, locateContact(row, key, marks & CONTACT.portless), key, minute, marked)
  const { words, base } = row
  words[base + FEW.contacts] = (words[base + FEW.contacts] as number) + 1
  const isShared = countShape(row, key, marked)
  const price = classes.priceOf(key & SHAPE, marked)
  countMarks(words, base, marked, price)
  if (hasPort(key & SHAPE, marked)) countPort(row, key, price, isShared, classes)
}

/** Counts what a known contact's marks add to what they were before. */
export function countGain(row: Row, key: number, before: number, after: number, classes: PortClasses): void {
  const shape = key & SHAPE
  const gain = classes.priceOf(shape, after) - classes.priceOf(shape, before)
  countMarks(row.words, row.base, after & ~before, gain)
  if (hasPort(shape, after)) countPort(row, key, gain, true, classes)
}

function countMarks(words: Int32Array, base: number, gained: number, gain: number): void {
  words[base + FEW.total] = (words[base + FEW.total] as number) + gain
  if ((gained & CONTACT.inward) !== 0) words[base + FEW.inward] = (words[base + FEW.inward] as number) + 1
  if ((gained & CONTACT.syn) !== 0) words[base + FEW.syn] = (words[base + FEW.syn] as number) + 1
  if ((gained & CONTACT.stealth) !== 0) words[base + FEW.stealth] = (words[base + FEW.stealth] as number) + 1
}

/** Marks discounted neighbours of a port as walked in a row; whether the port itself is. */
function markRow(row: Row, key: number, marks: number, classes: PortClasses): boolean {
  const port = key & 0xffff
  if (!classes.isNearDiscount(port) || !hasPort(key & SHAPE, marks)) return false
  const below = port > 0 && markNeighbour(row, key - 1, classes)
  const above = port < 0xffff && markNeighbour(row, key + 1, classes)
  return below || above
}

/** Whether there is such a contact. */
function markNeighbour(row: Row, key: number, classes: PortClasses): boolean {
  const at = locateContact(row, key, 0)
  const marks = row.words[at + MARKS] as number
  if (marks === 0) return false
  if ((marks & CONTACT.row) === 0) {
    row.words[at + MARKS] = marks | CONTACT.row
    countGain(row, key, marks, marks | CONTACT.row, classes)
  }
  return true
}

/** Counts what a new contact adds by its host, protocol and port; whether other hosts have its port. */
function countShape(row: Row, key: number, marks: number): boolean {
  const { words, base } = row
  const at = tallyAt(row, key >>> 24)
  const proto = (key >>> 16) & 0xff
  let tally = words[at] as number
  let isShared = false
  if (hasPort(key & SHAPE, marks)) {
    isShared = isSharedPort(row, key)
    tally += ONE_PORT
    if (!isShared) words[base + FEW.ports] = (words[base + FEW.ports] as number) + 1
  } else if (isIcmp(proto) && !isAskedByIcmp(tally)) {
    words[base + FEW.icmpHosts] = (words[base + FEW.icmpHosts] as number) + 1
  }
  const bit = protocolBit(proto)
  if (bit === 0 || (tally & bit) === 0) tally = countProtocol(row, key, tally, bit)
  words[at] = tally
  return isShared
}

/** Whether another host was asked for the same port. */
function isSharedPort(row: Row, key: number): boolean {
  const { words, base } = row
  const hash = mix(key & SHAPE)
  const at = base + FEW.shapeBits + ((hash >>> 5) & 7)
  const bits = words[at] as number
  const bit = 1 << (hash & 31)
  words[at] = bits | bit
  return (bits & bit) !== 0 && (words[base + FEW.hosts] as number) > 1 && hasShapeBut(row, key)
}

/** The host's tally with the protocol among its protocols, if it is new. */
function countProtocol(row: Row, key: number, tally: number, bit: number): number {
  if (bit === 0 && countAlike(row, key, HOST_AND_PROTOCOL) > 1) return tally
  const counted = (tally | bit) + ONE_PROTOCOL
  const most = row.base + FEW.mostProtocols
  row.words[most] = Math.max(row.words[most] as number, protocolsOf(counted))
  return counted
}

function countPort(row: Row, key: number, gain: number, isShared: boolean, classes: PortClasses): void {
  const { kinds, evidence } = classes.policy
  const { words, base } = row
  const at = tallyAt(row, key >>> 24)
  const flags = words[base + AT.flags] as number
  const tally = addEvidence(words[at] as number, gain)
  words[at] = tally
  let raised = 0
  if (portsOf(tally) >= kinds.verticalPorts || hasEvidence(tally, evidence.threshold)) raised = FLAG.vertical
  if (isShared && (flags & FLAG.sweep) === 0 && (words[base + FEW.hosts] as number) >= kinds.sweepHosts) {
    if (isSweptBy(row, key & SHAPE, classes)) raised |= FLAG.sweep
  }
  words[base + AT.flags] = flags | raised
}
