/**
 * Contact: the first probe of a source to one host, protocol and port (or ICMP type); repeats only refresh it.
 *
 * It is two words beside its host: `shape` (protocol and port) and `marks`. The upper half of the marks remembers
 * in which of the last 16 minutes it was probed, so that a burst can be seen whatever order packets came in.
 */
import { mix, type Packet, PROTOCOL, stir } from '@picket/schemas'
import { isStealth, TECHNIQUE } from '../technique.ts'

export const CONTACT = {
  /** Always set: tells a contact from an empty slot. */
  used: 1,
  /** The packet had no readable port: a fragment, a cut header, a protocol without ports. */
  portless: 2,
  /** Probed with flags that no honest stack sends. */
  stealth: 4,
  /** Probed by a plain SYN. */
  syn: 8,
  /** Seen coming in, or passing. */
  inward: 16,
  /** Seen leaving us. */
  outward: 32,
  /** A neighbouring port of the same host was probed as well: no honest client walks ports in a row. */
  row: 64,
} as const

const MINUTES_SHIFT = 16

/** Protocol and port in one word below 2^24. */
export function shapeOf(packet: Packet): number {
  return (packet.proto << 16) | (packet.proto === PROTOCOL.TCP ? Math.max(packet.dpt, 0) : portField(packet))
}

function portField(packet: Packet): number {
  return Math.max(isIcmp(packet.proto) ? packet.icmpType : packet.dpt, 0)
}

export function isIcmp(proto: number): boolean {
  return proto === PROTOCOL.ICMP || proto === PROTOCOL.ICMPV6
}

export function marksOf(packet: Packet, technique: number, outward: boolean): number {
  let marks = CONTACT.used | (outward ? CONTACT.outward : CONTACT.inward)
  if (technique === TECHNIQUE.syn) marks |= CONTACT.syn
  else if (isStealth(technique)) marks |= CONTACT.stealth
  if (packet.dpt < 0 && (packet.icmpType < 0 || !isIcmp(packet.proto))) marks |= CONTACT.portless
  return marks
}

/** Whether the shape names a port, rather than an ICMP type or a protocol alone. */
export function hasPort(shape: number, marks: number): boolean {
  return (marks & CONTACT.portless) === 0 && !isIcmp(shape >>> 16)
}

/** A mark for the minute itself, as the newest. */
export const THIS_MINUTE: number = 1 << MINUTES_SHIFT

/** The minutes remembered, seen from `newest`, with `minute` among them. */
export function rememberMinute(marks: number, newest: number, minute: number): number {
  const age = minute - newest
  if (age <= 0) return age > -16 ? marks | (THIS_MINUTE << -age) : marks
  const kept = age < 16 ? (marks >>> MINUTES_SHIFT) << (MINUTES_SHIFT + age) : 0
  return (marks & 0xffff) | kept | THIS_MINUTE
}

/** Whether a contact, last probed in `newest`, was probed in any minute of [from, to]. */
export function isProbedWithin(marks: number, newest: number, from: number, to: number): boolean {
  const youngest = Math.max(newest - to, 0)
  const oldest = Math.min(newest - from, 15)
  if (youngest > oldest) return false
  const span = (2 << (oldest - youngest)) - 1
  return ((marks >>> (MINUTES_SHIFT + youngest)) & span) !== 0
}

/** The remembered minutes, oldest first. */
export function probedMinutes(marks: number, newest: number): number[] {
  const minutes: number[] = []
  for (let age = 15; age >= 0; age--) if ((marks & (THIS_MINUTE << age)) !== 0) minutes.push(newest - age)
  return minutes
}

/** 32 bits that stand for the contact in sketches and small sets. */
export function hashContact(hostHash: number, shape: number, marks: number): number {
  return mix(stir(stir(hostHash, shape), marks & CONTACT.portless))
}
