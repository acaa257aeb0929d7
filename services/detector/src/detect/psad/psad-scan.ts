/**
 * PsadScan: all that policy psad knows of one source, and how a packet changes it.
 *
 * Counts belong to a pair of source and host (`Target`), the level to the source: it only rises, and it ends with
 * the incident, when no pair has had a packet for SCAN_TIMEOUT.
 */
import type { Packet } from '@picket/schemas'
import type { Scan } from '../method.ts'
import { newScan, seePacket } from '../scan.ts'
import { type Evidence, newEvidence, type Thresholds, weighInterval, weighRun } from './evidence.ts'
import { isInvalidIcmp } from './icmp-types.ts'
import { enter, type Intervals, intervalsKept, newIntervals } from './intervals.ts'
import { hostLadder, packetLadder } from './ladder.ts'
import { techniqueBit } from './nmap.ts'
import { MOST_HOSTS, type PsadPolicy } from './policy.ts'
import { addToTarget, newTarget, type Target } from './target.ts'
import { addTarget, findTarget, newTargets, type Targets } from './targets.ts'

export interface PsadScan extends Scan {
  readonly targets: Targets
  readonly intervals: Intervals
  readonly evidence: Evidence
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

export function openPsadScan(packet: Packet, time: number, measures: Measures): PsadScan {
  return {
    ...newScan(packet),
    targets: newTargets(),
    intervals: newIntervals(intervalAt(time, measures), measures.intervals),
    evidence: newEvidence(),
    techniques: 0,
    invalidIcmp: 0,
    invalidIcmpShape: -1,
    unfollowed: 0,
  }
}

export function foldPacket(scan: PsadScan, packet: Packet, time: number, measures: Measures): void {
  seePacket(scan, packet, time)
  scan.techniques |= techniqueBit(packet)
  if (isInvalidIcmp(packet.proto, packet.icmpType, packet.icmpCode)) noteInvalidIcmp(scan, packet)
  const interval = intervalAt(time, measures)
  const target = findTarget(scan.targets, packet) ?? follow(scan, packet, time, interval, measures)
  if (target === undefined) {
    scan.unfollowed += packet.count
    return
  }
  addToTarget(target, packet, time, measures.timeout)
  weighRun(scan.evidence, target.run, measures)
  if (enter(scan.intervals, target, interval, packet.count)) weighIntervals(scan, interval, measures)
}

/** A late packet changes its own interval, and the packets by the end of the later ones. */
function weighIntervals(scan: PsadScan, from: number, measures: Measures): void {
  for (let interval = from; interval <= scan.intervals.newest; interval++) {
    weighInterval(scan.evidence, scan.intervals, interval, measures)
  }
}

function follow(
  scan: PsadScan,
  packet: Packet,
  time: number,
  interval: number,
  measures: Measures,
): Target | undefined {
  if (scan.targets.list.length >= measures.mostHosts) return undefined
  const target = newTarget(packet, time, interval, measures.intervals)
  addTarget(scan.targets, target)
  return target
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
