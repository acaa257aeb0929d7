/**
 * PicketScan: all that the default policy knows of one source prefix, and how packets are folded into it.
 *
 * Most sources are seen once, so the first contact of an IPv4 source lives in the scan itself; the parts for more
 * are made when they are needed. An IPv6 source goes to `few` at once, as its host has four words.
 */
import { type Packet, setV4 } from '@picket/schemas'
import { HIGH_SEED, LOW_SEED } from '../hash.ts'
import type { Scan } from '../method.ts'
import { isV4Scan, openingLane, seePacket, seeTime } from '../scan.ts'
import { techniqueOf } from '../technique.ts'
import {
  CONTACT,
  hashContact,
  marksOf,
  probedMinutes,
  rememberMinute,
  shapeOf,
  THIS_MINUTE,
} from './contact.ts'
import { FewContacts, MAX_FEW } from './few-contacts.ts'
import { hashHost } from './host-set.ts'
import { ManyContacts } from './many-contacts.ts'
import type { PortClasses } from './port-classes.ts'
import type { Reach } from './reach.ts'
import { Suspects } from './suspects.ts'

export interface PicketScan extends Scan {
  /** Bits by index in TECHNIQUES. */
  techniques: number
  /** The source was seen sending from one of our machines. */
  isOutward: boolean
  isCorroborated: boolean
  /** The first contact: IPv4 host, shape, marks (0 when there is none here) and newest minute. */
  firstHost: number
  firstShape: number
  firstMarks: number
  firstMinute: number
  few: FewContacts | null
  many: ManyContacts | null
  suspects: Suspects | null
}

/** No probe yet. A double from the start, so that V8 need not change the field's representation. */
export const NEVER: number = Number.NEGATIVE_INFINITY

/** One literal with every field: V8 lays it out flat. Spreading `newScan` would make each field a hash lookup. */
export function emptyScan(): PicketScan {
  return {
    word0: 0,
    word1: 0,
    word2: 0,
    word3: 0,
    idHigh: 0,
    idLow: 0,
    firstSeen: NEVER,
    lastSeen: NEVER,
    packets: 0,
    reporters: '',
    assigned: 0,
    level: 0,
    kinds: 0,
    revision: 0,
    toldLevel: 0,
    toldKinds: 0,
    techniques: 0,
    isOutward: false,
    isCorroborated: false,
    firstHost: 0,
    firstShape: 0,
    firstMarks: 0,
    firstMinute: 0,
    few: null,
    many: null,
    suspects: null,
  }
}

export function openScan(packet: Packet): PicketScan {
  const scan = emptyScan()
  const src = packet.src
  scan.word0 = src[0] as number
  scan.word1 = src[1] as number
  scan.word2 = src[2] as number
  scan.word3 = src[3] as number
  scan.idHigh = openingLane(packet, HIGH_SEED)
  scan.idLow = openingLane(packet, LOW_SEED)
  return scan
}

export function minuteOf(time: number): number {
  return Math.floor(time / 60_000)
}

const firstAddress = new Int32Array(4)

/** The contacts, also when there is only the first. */
export function reachOf(scan: PicketScan, classes: PortClasses): Reach {
  if (scan.many !== null) return scan.many
  return scan.few ?? firstAlone(scan, classes)
}

function firstAlone(scan: PicketScan, classes: PortClasses): FewContacts {
  const few = new FewContacts(isV4Scan(scan) ? 1 : 4, classes)
  if (scan.firstMarks === 0) return few
  setV4(firstAddress, scan.firstHost)
  few.restore(firstAddress, scan.firstShape, scan.firstMarks, scan.firstMinute)
  const hash = hashContact(hashHost(firstAddress), scan.firstShape, scan.firstMarks)
  for (const minute of probedMinutes(scan.firstMarks, scan.firstMinute)) few.pace.see(minute, hash)
  return few
}

/** True when the judgement may have changed. */
export function foldProbe(
  scan: PicketScan,
  packet: Packet,
  outward: boolean,
  time: number,
  classes: PortClasses,
): boolean {
  const technique = techniqueOf(packet)
  scan.techniques |= 1 << technique
  if (outward) scan.isOutward = true
  seePacket(scan, packet, time)
  const marks = marksOf(packet, technique, outward) | THIS_MINUTE
  return foldContact(scan, packet.dst, shapeOf(packet), marks, minuteOf(time), classes)
}

/** As `foldProbe`, for what is evidence only when more of its sort corroborates it. */
export function foldSuspect(
  scan: PicketScan,
  packet: Packet,
  outward: boolean,
  time: number,
  classes: PortClasses,
): boolean {
  if (scan.isCorroborated) return foldProbe(scan, packet, outward, time, classes)
  scan.suspects ??= new Suspects()
  const technique = techniqueOf(packet)
  const marks = marksOf(packet, technique, outward) | THIS_MINUTE
  if (!scan.suspects.add(packet, technique, marks, time, classes.policy)) return false
  convict(scan, scan.suspects, classes)
  return true
}

/** Turns the suspects into contacts. */
function convict(scan: PicketScan, suspects: Suspects, classes: PortClasses): void {
  scan.isCorroborated = true
  scan.suspects = null
  seeTime(scan, suspects.firstSeen, suspects.lastSeen)
  scan.packets += suspects.packets
  suspects.each((host, shape, techniques, marks, minute) => {
    scan.techniques |= techniques
    if ((marks & CONTACT.outward) !== 0) scan.isOutward = true
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
): boolean {
  if (scan.many !== null) return scan.many.add(host, shape, marks, minute)
  if (scan.few !== null) return foldFew(scan, scan.few, host, shape, marks, minute, classes)
  if (scan.firstMarks === 0 && isV4Scan(scan)) {
    scan.firstHost = host[3] as number
    scan.firstShape = shape
    scan.firstMarks = marks
    scan.firstMinute = minute
    return false
  }
  if (isFirst(scan, host, shape, marks)) {
    scan.firstMarks = rememberMinute(scan.firstMarks | (marks & 0xffff), scan.firstMinute, minute)
    scan.firstMinute = Math.max(scan.firstMinute, minute)
    return false
  }
  scan.few = firstAlone(scan, classes)
  scan.firstMarks = 0
  return foldFew(scan, scan.few, host, shape, marks, minute, classes)
}

function isFirst(scan: PicketScan, host: Int32Array, shape: number, marks: number): boolean {
  return (
    scan.firstMarks !== 0 &&
    scan.firstHost === host[3] &&
    scan.firstShape === shape &&
    ((scan.firstMarks ^ marks) & CONTACT.portless) === 0
  )
}

function foldFew(
  scan: PicketScan,
  few: FewContacts,
  host: Int32Array,
  shape: number,
  marks: number,
  minute: number,
  classes: PortClasses,
): boolean {
  if (few.size < MAX_FEW || few.has(host, shape, marks)) {
    const changed = few.add(host, shape, marks, minute)
    if (changed && scan.level === 0) scan.few = few.since(minute - classes.policy.memoryDays * 1440)
    return changed
  }
  const many = new ManyContacts(few.addressWords, classes.policy, few.pace)
  few.each((other, otherShape, otherMarks, otherMinute) =>
    many.add(other, otherShape, otherMarks, otherMinute),
  )
  scan.few = null
  scan.many = many
  return many.add(host, shape, marks, minute)
}
