/**
 * FewContacts: up to 192 contacts of one source, each kept, with everything the judgement asks counted along.
 *
 * What is counted only grows with the set of contacts and their marks, which is why the order of packets
 * cannot show.
 */
import type { Address } from '@picket/schemas'
import { mix } from '../hash.ts'
import { compareWords } from '../words.ts'
import { isBurstAround } from './burst.ts'
import { CONTACT, hashContact, hasPort, isIcmp, rememberMinute } from './contact.ts'
import { ContactTable } from './contact-table.ts'
import { HostSet, hashHost } from './host-set.ts'
import {
  COUNTS,
  type ContactVisitor,
  EVIDENCE,
  isAskedByIcmp,
  ONE_PROTOCOL,
  portsByProtocol,
  portsOf,
  protocolBit,
  protocolsOf,
} from './host-tally.ts'
import { Pace } from './pace.ts'
import type { PortClasses } from './port-classes.ts'
import { MAX_EVIDENCE, type Reach } from './reach.ts'

/** So many contacts are kept one by one; three quarters of 256 slots. */
export const MAX_FEW = 192

/** The bits of a key: host, protocol, port. */
const SHAPE = 0xff_ffff
const HOST_AND_PROTOCOL = -0x1_0000
export class FewContacts implements Reach {
  portCount = 0
  isVertical = false
  isSweep = false
  private total = 0
  private inward = 0
  private stealth = 0
  private syn = 0
  private icmpHosts = 0
  private mostProtocols = 0
  private isBurst = false
  /** Hashed shapes: a bit that is not set proves a shape new. */
  private shapeBits = 0
  private readonly table = new ContactTable()
  private protocolList: readonly number[] = []
  private readonly hostSet: HostSet
  private readonly classes: PortClasses
  readonly pace: Pace

  constructor(addressWords: number, classes: PortClasses, pace: Pace = new Pace()) {
    this.hostSet = new HostSet(addressWords)
    this.classes = classes
    this.pace = pace
  }

  /** Folds a probe whose newest minute is `minute`. True when the judgement may have changed. */
  add(address: Address, shape: number, marks: number, minute: number): boolean {
    const host = this.hostOf(address)
    if (!this.pace.isFast) this.pace.see(minute, hashContact(hashHost(address), shape, marks))
    const key = (host << 24) | shape
    const at = this.table.locate(key, marks & CONTACT.portless)
    if (this.table.marksAt(at) !== 0) return this.refresh(at, marks, minute)
    this.insert(key, marks, minute)
    return true
  }

  get size(): number {
    return this.table.size
  }

  get addressWords(): number {
    return this.hostSet.addressWords
  }

  get evidence(): number {
    return Math.min(this.total, MAX_EVIDENCE)
  }

  get isScan(): boolean {
    const { minContacts, outbound, evidence } = this.classes.policy
    if (this.inward < minContacts && this.size < outbound.minContacts) return false
    return this.total >= evidence.threshold || this.isBurst
  }

  get hostCount(): number {
    return this.hostSet.size
  }

  get isStealth(): boolean {
    return this.stealth >= this.classes.policy.kinds.stealthContacts
  }

  get isProtocolScan(): boolean {
    return this.mostProtocols >= this.classes.policy.kinds.protocols
  }

  get isIcmpSweep(): boolean {
    return this.icmpHosts >= this.classes.policy.kinds.icmpHosts
  }

  get isFast(): boolean {
    return this.pace.isFast
  }

  get synContacts(): number {
    return Math.min(this.syn, this.classes.policy.banContacts)
  }

  has(address: Address, shape: number, marks: number): boolean {
    const host = this.hostSet.find(address)
    if (host < 0) return false
    return this.table.marksAt(this.table.locate((host << 24) | shape, marks & CONTACT.portless)) !== 0
  }

  /** What is left when contacts last probed before `oldest` are forgotten; this very object when none is. */
  since(oldest: number): FewContacts {
    if (!this.table.hasOlder(oldest)) return this
    const left = new FewContacts(this.addressWords, this.classes, this.pace)
    this.each((host, shape, marks, minute) => {
      if (minute >= oldest) left.restore(host, shape, marks & ~CONTACT.row, minute)
    })
    return left
  }

  each(visit: ContactVisitor): void {
    const table = this.table
    for (let at = 0; at < table.end; at = table.next(at)) {
      const marks = table.marksAt(at)
      if (marks === 0) continue
      const key = table.keyAt(at)
      visit(this.hostSet.addressOf(key >>> 24), key & SHAPE, marks, table.minuteAt(at))
    }
  }

  hosts(): string[] {
    return this.hostSet.print()
  }

  ports(): Map<number, number[]> {
    return portsByProtocol(this.table.portShapes())
  }

  protocols(): number[] {
    return [...this.protocolList].sort((a, b) => a - b)
  }

  /** Sorted, so that equal sets of contacts pack equally. */
  pack(): unknown {
    const contacts: number[][] = []
    this.each((host, shape, marks, minute) => contacts.push([...host, shape, marks, minute]))
    return [this.hostSet.addressWords, this.isBurst, this.pace.pack(), contacts.sort(compareWords)]
  }

  static unpack(packed: unknown, classes: PortClasses): FewContacts {
    const [addressWords, isBurst, pace, contacts] = packed as [number, boolean, unknown, number[][]]
    const few = new FewContacts(addressWords, classes, Pace.unpack(pace))
    for (const contact of contacts) {
      const [shape, marks, minute] = contact.slice(4) as [number, number, number]
      few.restore(Int32Array.from(contact.slice(0, 4)), shape, marks, minute)
    }
    few.isBurst = isBurst
    return few
  }

  /** Puts back a contact that is known not to be there, minutes and all. */
  restore(address: Address, shape: number, marks: number, minute: number): void {
    this.insert((this.hostOf(address) << 24) | shape, marks, minute)
  }

  private hostOf(address: Address): number {
    const host = this.hostSet.find(address)
    return host < 0 ? this.hostSet.add(address) : host
  }

  private insert(key: number, marks: number, minute: number): void {
    const marked = marks | (this.markRow(key, marks) ? CONTACT.row : 0)
    this.table.insert(key, minute, marked)
    this.countMarks(key, 0, marked, this.countShape(key, marked))
    this.seeBurst(key, minute)
  }

  private refresh(at: number, marks: number, minute: number): boolean {
    const old = this.table.marksAt(at)
    const newest = this.table.minuteAt(at)
    const now = rememberMinute(old | (marks & 0xffff), newest, minute)
    if (now === old && minute <= newest) return false
    const key = this.table.keyAt(at)
    this.table.put(at, key, Math.max(minute, newest), now)
    if (((now ^ old) & 0xffff) === 0) return this.seeBurst(key, minute)
    this.countMarks(key, old, now, true)
    return true
  }

  /** Marks discounted neighbours of a port as walked in a row; whether the port itself is. */
  private markRow(key: number, marks: number): boolean {
    const port = key & 0xffff
    if (!hasPort(key & SHAPE, marks) || !this.classes.isNearDiscount(port)) return false
    const below = port > 0 && this.markNeighbour(key - 1)
    const above = port < 0xffff && this.markNeighbour(key + 1)
    return below || above
  }

  /** Whether there is such a contact. */
  private markNeighbour(key: number): boolean {
    const at = this.table.locate(key, 0)
    const marks = this.table.marksAt(at)
    if (marks === 0) return false
    if ((marks & CONTACT.row) === 0) {
      this.table.put(at, key, this.table.minuteAt(at), marks | CONTACT.row)
      this.countMarks(key, marks, marks | CONTACT.row, true)
    }
    return true
  }

  /** Counts what a new contact adds by its host, protocol and port; whether other hosts have its port. */
  private countShape(key: number, marks: number): boolean {
    const host = key >>> 24
    const proto = (key >>> 16) & 0xff
    const isPort = hasPort(key & SHAPE, marks)
    const isShared = isPort && this.isShared(key)
    let counts = this.hostSet.tally(host, COUNTS)
    if (isPort) counts++
    if (isPort && !isShared) this.portCount++
    if (isIcmp(proto) && !isAskedByIcmp(counts)) this.icmpHosts++
    counts = this.countProtocol(key, proto, counts)
    this.hostSet.setTally(host, COUNTS, counts)
    this.mostProtocols = Math.max(this.mostProtocols, protocolsOf(counts))
    return isShared
  }

  /** Whether another host was asked for the same port. */
  private isShared(key: number): boolean {
    const bit = 1 << (mix(key & SHAPE) & 31)
    const mayBeKnown = (this.shapeBits & bit) !== 0
    this.shapeBits |= bit
    if (!mayBeKnown) return false
    for (let host = 0; host < this.hostCount; host++) {
      const other = (host << 24) | (key & SHAPE)
      if (other !== key && this.table.marksAt(this.table.locate(other, 0)) !== 0) return true
    }
    return false
  }

  /** The host's counts with the protocol among them. */
  private countProtocol(key: number, proto: number, counts: number): number {
    if (!this.protocolList.includes(proto)) this.protocolList = [...this.protocolList, proto]
    const bit = protocolBit(proto)
    if (bit !== 0) return (counts & bit) !== 0 ? counts : (counts | bit) + ONE_PROTOCOL
    return this.table.countAlike(key, HOST_AND_PROTOCOL) === 1 ? counts + ONE_PROTOCOL : counts
  }

  /** Counts what a contact's marks add to what they were before (0: it is new). */
  private countMarks(key: number, before: number, after: number, isShared: boolean): void {
    const shape = key & SHAPE
    const price = this.classes.priceOf(shape, after)
    const gain = before === 0 ? price : price - this.classes.priceOf(shape, before)
    const gained = after & ~before
    this.total += gain
    if ((gained & CONTACT.inward) !== 0) this.inward++
    if ((gained & CONTACT.stealth) !== 0) this.stealth++
    if ((gained & CONTACT.syn) !== 0) this.syn++
    if (hasPort(shape, after)) this.countPort(key, gain, isShared)
  }

  private countPort(key: number, gain: number, isShared: boolean): void {
    const { kinds, evidence } = this.classes.policy
    const host = key >>> 24
    const total = this.hostSet.tally(host, EVIDENCE) + gain
    this.hostSet.setTally(host, EVIDENCE, total)
    const ports = portsOf(this.hostSet.tally(host, COUNTS))
    if (ports >= kinds.verticalPorts || total >= evidence.threshold) this.isVertical = true
    if (isShared && !this.isSweep && this.hostCount >= kinds.sweepHosts) {
      this.isSweep = this.isSweptBy(key & SHAPE)
    }
  }

  private isSweptBy(shape: number): boolean {
    const { kinds, evidence } = this.classes.policy
    const table = this.table
    let hosts = 0
    let total = 0
    for (let at = 0; at < table.end; at = table.next(at)) {
      const marks = table.marksAt(at)
      if (marks === 0 || (table.keyAt(at) & SHAPE) !== shape || !hasPort(shape, marks)) continue
      hosts++
      total += this.classes.priceOf(shape, marks)
    }
    return hosts >= kinds.sureSweepHosts || (hosts >= kinds.sweepHosts && total >= evidence.threshold)
  }

  /** Looks for a burst around this minute, while evidence alone does not say enough. True when it is found. */
  private seeBurst(key: number, minute: number): boolean {
    const { burst, evidence } = this.classes.policy
    if (this.isBurst || this.total >= evidence.threshold) return false
    this.isBurst = isBurstAround(this.table, key, minute, burst)
    return this.isBurst
  }
}
