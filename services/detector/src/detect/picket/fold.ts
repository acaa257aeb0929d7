/**
 * How a packet is folded into the scan of its source.
 *
 * Most sources are seen once, so the first contact of an IPv4 source lies in its short row, and what counts more is
 * made when it is needed. An IPv6 source counts at once, as its host has four words.
 */
import { isV4, type Packet } from '@picket/schemas'
import { FOLDED } from '../method.ts'
import { isV4Scan, lowerAddress, reportersOf, seeReporter, seeTime } from '../scan.ts'
import { techniqueOf } from '../technique.ts'
import { CONTACT, marksOf, rememberMinute, shapeOf, THIS_MINUTE } from './contact.ts'
import { hasAsked, isOddQuestion } from './discovery.ts'
import { FewContacts, MAX_FEW } from './few-contacts.ts'
import { closeFew, emptyFew, openFew } from './few-row.ts'
import { firstOf, restoreFirst } from './first-contact.ts'
import { ManyContacts } from './many-contacts.ts'
import { Pace } from './pace.ts'
import { minuteOf, type PicketScan } from './picket-scan.ts'
import type { PortClasses } from './port-classes.ts'
import { AT, FIRST, FLAG } from './scan-row.ts'
import { Suspects } from './suspects.ts'

/** Bits of FOLDED. */
export function foldProbe(
  scan: PicketScan,
  packet: Packet,
  outward: boolean,
  time: number,
  classes: PortClasses,
): number {
  const technique = techniqueOf(packet)
  const minute = minuteOf(time)
  scan.techniques |= 1 << technique
  if (outward) scan.raise(FLAG.outward)
  seePacket(scan, packet, minute, (time - minute * 60_000) | 0)
  const marks = marksOf(packet, technique, outward) | THIS_MINUTE
  const folded = foldContact(scan, packet.dst, shapeOf(packet), marks, minute, classes)
  if (scan.suspects === null || !isOddQuestion(technique) || !scan.suspects.hasHost(packet.dst)) return folded
  convict(scan, scan.suspects, classes)
  return folded | FOLDED.changed
}

/** As `seePacket` of every scan, but without a double. */
function seePacket(scan: PicketScan, packet: Packet, minute: number, rest: number): void {
  const { words, base } = scan
  const last = base + AT.lastMinute
  const first = base + AT.firstMinute
  const isFirst = scan.packets === 0
  if (isFirst || isBefore(words, last, minute, rest)) {
    words[last] = minute
    words[last + 1] = rest
  }
  if (isFirst || !isBefore(words, first, minute, rest)) {
    words[first] = minute
    words[first + 1] = rest
  }
  scan.packets += packet.count
  seeReporter(scan, packet.reporter)
  if (!isV4(packet.src)) lowerAddress(scan, packet.src)
}

/** Whether the time that stands there is before this one. */
function isBefore(words: Int32Array, at: number, minute: number, rest: number): boolean {
  const difference = (words[at] as number) - minute
  return difference < 0 || (difference === 0 && (words[at + 1] as number) < rest)
}

/** As `foldProbe`, for what is evidence only when more of its sort corroborates it. */
export function foldSuspect(
  scan: PicketScan,
  packet: Packet,
  outward: boolean,
  time: number,
  classes: PortClasses,
): number {
  if (scan.isCorroborated) return foldProbe(scan, packet, outward, time, classes)
  scan.suspects ??= new Suspects()
  const technique = techniqueOf(packet)
  const marks = marksOf(packet, technique, outward) | THIS_MINUTE
  const isCorroborated = scan.suspects.add(packet, technique, marks, time, classes.policy)
  if (!isCorroborated && !hasAsked(scan, packet.dst, classes)) return 0
  convict(scan, scan.suspects, classes)
  return FOLDED.changed | FOLDED.contact
}

/** Turns the suspects into contacts. */
function convict(scan: PicketScan, suspects: Suspects, classes: PortClasses): void {
  scan.raise(FLAG.corroborated)
  scan.suspects = null
  seeTime(scan, suspects.firstSeen, suspects.lastSeen)
  scan.packets += suspects.packets
  for (const reporter of reportersOf(suspects)) seeReporter(scan, reporter)
  suspects.each((host, shape, techniques, marks, minute) => {
    scan.techniques |= techniques
    if ((marks & CONTACT.outward) !== 0) scan.raise(FLAG.outward)
    foldContact(scan, host, shape, marks, minute, classes)
  })
}

function foldContact(
  scan: PicketScan,
  host: Int32Array,
  shape: number,
  marks: number,
  minute: number,
  classes: PortClasses,
): number {
  if (scan.hasFew) return foldFew(scan, host, shape, marks, minute, classes)
  // Nobody asks for the contacts of one who has so many.
  if (scan.many !== null)
    return scan.many.add(host, shape, marks, minute, scan.isOutward) ? FOLDED.changed : 0
  const isFirst = scan.words[scan.base + FIRST.marks] === 0
  if (foldFirst(scan, host, shape, marks, minute)) return isFirst ? FOLDED.contact : 0
  openWithFirst(scan, classes)
  return foldFew(scan, host, shape, marks, minute, classes)
}

/** Whether the contact is the only one so far, and now kept as such. */
function foldFirst(
  scan: PicketScan,
  host: Int32Array,
  shape: number,
  marks: number,
  minute: number,
): boolean {
  const { words, base } = scan
  const before = words[base + FIRST.marks] as number
  if (before === 0) {
    if (!isV4Scan(scan)) return false
    words[base + FIRST.host] = host[3] as number
    words[base + FIRST.shape] = shape
    words[base + FIRST.marks] = marks
    words[base + FIRST.minute] = minute
    return true
  }
  if (words[base + FIRST.host] !== host[3] || words[base + FIRST.shape] !== shape) return false
  if (((before ^ marks) & CONTACT.portless) !== 0) return false
  const newest = words[base + FIRST.minute] as number
  words[base + FIRST.marks] = rememberMinute(before | (marks & 0xffff), newest, minute)
  words[base + FIRST.minute] = Math.max(newest, minute)
  return true
}

/** Counts from here on, beginning with the first contact if there is one. */
function openWithFirst(scan: PicketScan, classes: PortClasses): void {
  const first = firstOf(scan)
  openFew(scan, scan.store)
  restoreFirst(first, new FewContacts(scan, scan.store, classes))
}

function foldFew(
  scan: PicketScan,
  host: Int32Array,
  shape: number,
  marks: number,
  minute: number,
  classes: PortClasses,
): number {
  const few = new FewContacts(scan, scan.store, classes)
  const before = few.size
  if (before >= MAX_FEW && !few.isKnown(host, shape, marks)) {
    return turnIntoMany(scan, few, classes).add(host, shape, marks, minute) ? FOLDED.changed : 0
  }
  if (!few.add(host, shape, marks, minute)) return 0
  const folded = few.size > before ? FOLDED.changed | FOLDED.contact : FOLDED.changed
  if (scan.level === 0) forget(scan, few, minute - classes.policy.memoryDays * 1440)
  return folded
}

/** Forgets contacts last probed before `oldest`. */
function forget(scan: PicketScan, few: FewContacts, oldest: number): void {
  if ((scan.words[scan.base + AT.firstMinute] as number) >= oldest || !few.hasOlder(oldest)) return
  const contacts = few.contacts()
  emptyFew(scan, scan.store)
  for (const contact of contacts) {
    const [shape, marks, minute] = contact.slice(4) as [number, number, number]
    if (minute >= oldest)
      few.restore(Int32Array.from(contact.slice(0, 4)), shape, marks & ~CONTACT.row, minute)
  }
}

function turnIntoMany(scan: PicketScan, few: FewContacts, classes: PortClasses): ManyContacts {
  const many = new ManyContacts(isV4Scan(scan) ? 1 : 4, classes.policy, Pace.ofRow(scan, few.isFast))
  few.each((host, shape, marks, minute) => many.add(host, shape, marks, minute))
  closeFew(scan, scan.store)
  scan.many = many
  return many
}
