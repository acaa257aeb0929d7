/**
 * FewContacts: up to 192 contacts of one source, each kept, with everything the judgement asks counted along.
 *
 * It is a view of the source's row and keeps nothing itself. What is counted only grows with the set of contacts
 * and their marks, which is why the order of packets cannot show.
 */
import type { Address } from '@picket/schemas'
import { compareWords } from '../words.ts'
import { isBurstAround } from './burst.ts'
import { CONTACT, hashContact, rememberMinute } from './contact.ts'
import {
  CONTACT_WORDS,
  hasOlder,
  locateContact,
  MARKS,
  MINUTE,
  portShapes,
  protocolsOf,
  putContact,
  SHAPE,
  slotsEnd,
  slotsOf,
} from './contact-table.ts'
import { countGain, countNew } from './few-counts.ts'
import { addHost, findHost, readHost, textsOfHosts } from './few-hosts.ts'
import { makeRoom } from './few-row.ts'
import { hashHost } from './host-set.ts'
import { type ContactVisitor, portsByProtocol } from './host-tally.ts'
import { seeHour } from './pace.ts'
import type { PortClasses } from './port-classes.ts'
import { MAX_EVIDENCE, type Reach } from './reach.ts'
import type { Row, RowStore } from './row-store.ts'
import { AT, FEW, FLAG } from './scan-row.ts'

/** So many contacts are kept one by one. */
export const MAX_FEW = 192

export class FewContacts implements Reach {
  private readonly row: Row
  /** Where the row lay when last looked for: the counts are read often. */
  private words: Int32Array
  private base: number
  private readonly store: RowStore
  private readonly classes: PortClasses

  /** Of a row that `openFew` has opened. */
  constructor(row: Row, store: RowStore, classes: PortClasses) {
    this.row = row
    this.words = row.words
    this.base = row.base
    this.store = store
    this.classes = classes
  }

  /** Folds a probe whose newest minute is `minute`. True when the judgement may have changed. */
  add(address: Address, shape: number, marks: number, minute: number): boolean {
    if (!this.isFast) this.seePace(minute, hashContact(hashHost(address), shape, marks))
    const host = findHost(this.row, address)
    if (host >= 0) {
      const at = locateContact(this.row, (host << 24) | shape, marks & CONTACT.portless)
      if (this.row.words[at + MARKS] !== 0) return this.refresh(at, marks, minute)
    }
    this.insert(host, address, shape, marks, minute)
    return true
  }

  get size(): number {
    return this.words[this.base + FEW.contacts] as number
  }

  get evidence(): number {
    return Math.min(this.words[this.base + FEW.total] as number, MAX_EVIDENCE)
  }

  get isScan(): boolean {
    const { minContacts, outbound, evidence } = this.classes.policy
    if ((this.words[this.base + FEW.inward] as number) < minContacts && this.size < outbound.minContacts)
      return false
    return (
      (this.words[this.base + FEW.total] as number) >= evidence.threshold ||
      ((this.words[this.base + AT.flags] as number) & FLAG.burst) !== 0
    )
  }

  get hostCount(): number {
    return this.words[this.base + FEW.hosts] as number
  }

  get portCount(): number {
    return this.words[this.base + FEW.ports] as number
  }

  get isVertical(): boolean {
    return ((this.words[this.base + AT.flags] as number) & FLAG.vertical) !== 0
  }

  get isSweep(): boolean {
    return ((this.words[this.base + AT.flags] as number) & FLAG.sweep) !== 0
  }

  get isStealth(): boolean {
    return (this.words[this.base + FEW.stealth] as number) >= this.classes.policy.kinds.stealthContacts
  }

  get isProtocolScan(): boolean {
    return (this.words[this.base + FEW.mostProtocols] as number) >= this.classes.policy.kinds.protocols
  }

  get isIcmpSweep(): boolean {
    return (this.words[this.base + FEW.icmpHosts] as number) >= this.classes.policy.kinds.icmpHosts
  }

  get isFast(): boolean {
    return ((this.words[this.base + AT.flags] as number) & FLAG.fast) !== 0
  }

  get synContacts(): number {
    return Math.min(this.words[this.base + FEW.syn] as number, this.classes.policy.banContacts)
  }

  isKnown(address: Address, shape: number, marks: number): boolean {
    const host = findHost(this.row, address)
    if (host < 0) return false
    return (
      this.row.words[locateContact(this.row, (host << 24) | shape, marks & CONTACT.portless) + MARKS] !== 0
    )
  }

  hasOlder(minute: number): boolean {
    return hasOlder(this.row, minute)
  }

  /** The address is good for the visit only. */
  each(visit: ContactVisitor): void {
    const { words } = this.row
    const address = new Int32Array(4)
    for (let at = slotsOf(this.row); at < slotsEnd(this.row); at += CONTACT_WORDS) {
      const marks = words[at + MARKS] as number
      if (marks === 0) continue
      const key = words[at] as number
      readHost(this.row, key >>> 24, address)
      visit(address, key & SHAPE, marks, words[at + MINUTE] as number)
    }
  }

  /** Address, shape, marks and minute of each. Sorted, so that equal sets of contacts are equal lists. */
  contacts(): number[][] {
    const contacts: number[][] = []
    this.each((host, shape, marks, minute) => contacts.push([...host, shape, marks, minute]))
    return contacts.sort(compareWords)
  }

  hosts(): string[] {
    return textsOfHosts(this.row)
  }

  ports(): Map<number, number[]> {
    return portsByProtocol(portShapes(this.row))
  }

  protocols(): number[] {
    return protocolsOf(this.row)
  }

  /** Puts back a contact that is known not to be there, minutes and all. */
  restore(address: Address, shape: number, marks: number, minute: number): void {
    this.insert(findHost(this.row, address), address, shape, marks, minute)
  }

  seePace(minute: number, hash: number): void {
    if (seeHour(this.row.words, this.row.base + FEW.pace, minute, hash)) this.raise(FLAG.fast)
  }

  private raise(flag: number): void {
    const at = this.row.base + AT.flags
    this.row.words[at] = (this.row.words[at] as number) | flag
  }

  private insert(known: number, address: Address, shape: number, marks: number, minute: number): void {
    makeRoom(this.row, this.store, known < 0)
    this.words = this.row.words
    this.base = this.row.base
    const key = ((known < 0 ? addHost(this.row, address) : known) << 24) | shape
    countNew(this.row, key, marks, minute, this.classes)
    this.seeBurst(key, minute)
  }

  private refresh(at: number, marks: number, minute: number): boolean {
    const words = this.row.words
    const old = words[at + MARKS] as number
    const newest = words[at + MINUTE] as number
    const now = rememberMinute(old | (marks & 0xffff), newest, minute)
    if (now === old && minute <= newest) return false
    const key = words[at] as number
    putContact(this.row, at, key, Math.max(minute, newest), now)
    if (((now ^ old) & 0xffff) === 0) return this.seeBurst(key, minute)
    countGain(this.row, key, old, now, this.classes)
    return true
  }

  /** Looks for a burst around this minute, while evidence alone does not say enough. True when it is found. */
  private seeBurst(key: number, minute: number): boolean {
    const { burst, evidence } = this.classes.policy
    if (
      (this.words[this.base + FEW.total] as number) >= evidence.threshold ||
      ((this.words[this.base + AT.flags] as number) & FLAG.burst) !== 0
    )
      return false
    if (!isBurstAround(this.row, key, minute, burst)) return false
    this.raise(FLAG.burst)
    return true
  }
}
