/**
 * PsadScan: all that policy psad knows of one source, and how a packet changes it.
 *
 * Counts belong to a pair of source and host, the level to the source: it only rises, and it ends with
 * the incident, when no pair has had a packet for SCAN_TIMEOUT.
 */
import type { Packet } from '@picket/schemas'
import { HIGH_SEED, LOW_SEED } from '@picket/schemas'
import type { Scan } from '../method.ts'
import { openingLane, seePacket } from '../scan.ts'
import { ContactTally } from './contact-tally.ts'
import { type Evidence, type Thresholds, weighInterval, weighRun } from './evidence.ts'
import { isInvalidIcmp } from './icmp-types.ts'
import { enter, type Intervals, intervalsKept } from './intervals.ts'
import { hostLadder, packetLadder } from './ladder.ts'
import { techniqueBit } from './nmap.ts'
import { MOST_HOSTS, type PsadPolicy } from './policy.ts'
import { addToRun } from './run.ts'
import { ServiceSet, serviceOf } from './service-set.ts'
import { addTarget, findTarget, hashHost, hostOf, newTargets, type Targets } from './targets.ts'

export interface PsadScan extends Scan, Evidence, Intervals {
  targets: Targets
  readonly services: ServiceSet
  /** null while there is one host: its contacts are the services. */
  contacts: ContactTally | null
  /** Bits of `techniqueBit`. */
  techniques: number
  /** Packets with an ICMP type or code that does not exist, and the lowest such type * 256 + code; -1 without. */
  invalidIcmp: number
  invalidIcmpShape: number
  /** Packets to hosts beyond MAX_SCAN_IP_PAIRS. */
  unfollowed: number
}

/** The policy, made ready for the hot path. */
export interface Measures extends Thresholds {
  /** CHECK_INTERVAL in ms. */
  readonly interval: number
  readonly intervals: number
  /** SCAN_TIMEOUT in ms; infinite with ENABLE_PERSISTENCE. */
  readonly timeout: number
  readonly mostHosts: number
}

export function measuresOf(policy: PsadPolicy): Measures {
  return {
    packets: packetLadder(policy),
    hosts: hostLadder(policy),
    range: policy.PORT_RANGE_SCAN_THRESHOLD,
    protocols: policy.PROTOCOL_SCAN_THRESHOLD,
    interval: policy.CHECK_INTERVAL * 1000,
    intervals: intervalsKept(policy.CHECK_INTERVAL),
    timeout: policy.ENABLE_PERSISTENCE ? Number.POSITIVE_INFINITY : policy.SCAN_TIMEOUT * 1000,
    mostHosts: Math.min(policy.MAX_SCAN_IP_PAIRS || MOST_HOSTS, MOST_HOSTS),
  }
}

/** One literal with every field: V8 lays it out flat, where spreading another object makes each a hash look-up. */
export function emptyPsadScan(measures: Measures): PsadScan {
  return {
    word0: 0,
    word1: 0,
    word2: 0,
    word3: 0,
    idHigh: 0,
    idLow: 0,
    firstSeen: Number.NEGATIVE_INFINITY,
    lastSeen: Number.NEGATIVE_INFINITY,
    packets: 0,
    reporters: '',
    assigned: 0,
    level: 0,
    kinds: 0,
    revision: 0,
    toldLevel: 0,
    toldKinds: 0,
    counted: 0,
    swept: 0,
    mostHosts: 0,
    seenKinds: 0,
    newestInterval: 0,
    intervals: new Array<number>(2 * measures.intervals).fill(0),
    techniques: 0,
    invalidIcmp: 0,
    invalidIcmpShape: -1,
    unfollowed: 0,
    targets: newTargets(measures.intervals),
    services: new ServiceSet(),
    contacts: null,
  }
}

export function openPsadScan(packet: Packet, time: number, measures: Measures): PsadScan {
  const scan = emptyPsadScan(measures)
  const { src } = packet
  scan.word0 = src[0] as number
  scan.word1 = src[1] as number
  scan.word2 = src[2] as number
  scan.word3 = src[3] as number
  scan.idHigh = openingLane(packet, HIGH_SEED)
  scan.idLow = openingLane(packet, LOW_SEED)
  scan.newestInterval = intervalAt(time, measures)
  return scan
}

export function foldPacket(scan: PsadScan, packet: Packet, time: number, measures: Measures): void {
  seePacket(scan, packet, time)
  scan.techniques |= techniqueBit(packet)
  if (isInvalidIcmp(packet.proto, packet.icmpType, packet.icmpCode)) noteInvalidIcmp(scan, packet)
  const interval = intervalAt(time, measures)
  const index = follow(scan, packet, time, interval, measures)
  if (index < 0) {
    scan.unfollowed += packet.count
    return
  }
  noteContact(scan, packet)
  addToRun(scan.targets, index, packet, time, measures.timeout)
  weighRun(scan, scan.targets, index, measures)
  const isKept = enter(scan, scan.targets, index, interval, packet.count)
  if (isKept) weighIntervals(scan, interval, measures)
}

/** A late packet changes its own interval, and the packets by the end of the later ones. */
function weighIntervals(scan: PsadScan, from: number, measures: Measures): void {
  for (let interval = from; interval <= scan.newestInterval; interval++) {
    weighInterval(scan, interval, measures)
  }
}

/** The index of the packet's host; -1 when it is one too many. */
function follow(scan: PsadScan, packet: Packet, time: number, interval: number, measures: Measures): number {
  const index = findTarget(scan.targets, packet.dst)
  if (index >= 0 || scan.targets.count >= measures.mostHosts) return index
  return addTarget(scan.targets, packet, time, interval)
}

/** With the second host contacts are more than services: until then those of the first were not written down. */
function noteContact(scan: PsadScan, packet: Packet): void {
  const service = serviceOf(packet)
  if (scan.contacts === null && scan.targets.count > 1) {
    scan.contacts = new ContactTally()
    const first = hashHost(hostOf(scan.targets, 0))
    for (const asked of scan.services.services()) scan.contacts.addContact(first, asked)
  }
  scan.services.add(service)
  if (scan.contacts !== null) scan.contacts.addContact(hashHost(packet.dst), service)
}

export function contactsOf(scan: PsadScan): number {
  return scan.contacts?.count() ?? scan.services.size
}

function noteInvalidIcmp(scan: PsadScan, packet: Packet): void {
  const shape = packet.icmpType * 256 + packet.icmpCode
  if (scan.invalidIcmp === 0 || shape < scan.invalidIcmpShape) scan.invalidIcmpShape = shape
  scan.invalidIcmp += packet.count
}

/** Times before 1970 come from broken clocks only; they share the first interval. */
function intervalAt(time: number, measures: Measures): number {
  return time > 0 ? Math.floor(time / measures.interval) : 0
}
