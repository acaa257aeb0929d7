/**
 * Evidence: psad's danger level of a source (psad.md c2, steps 1 to 5), asked after every packet.
 *
 * psad asks once per poll. Counts only rise, so the highest answer of an interval is that of its end, and asking
 * more often changes nothing but the delay. What psad takes the maximum of besides (signatures, reputation) has
 * its place in `levelOf`; the level by assignment is added by the Detector.
 */
import { type DangerLevel, KINDS, type Kind } from '@picket/schemas'
import { hostsIn, type Intervals, packetsBy } from './intervals.ts'
import { climb, type Ladder } from './ladder.ts'
import { FIELD, type Targets } from './targets.ts'

export interface Thresholds {
  readonly packets: Ladder
  readonly hosts: Ladder
  /** PORT_RANGE_SCAN_THRESHOLD. */
  readonly range: number
  /** PROTOCOL_SCAN_THRESHOLD. */
  readonly protocols: number
}

/** The highest levels that counting has reached; they end with the incident, not with a run. */
export interface Evidence {
  /** By packets to one host. */
  counted: DangerLevel
  /** By hosts in one interval. */
  swept: DangerLevel
  /** The most hosts in one interval. */
  mostHosts: number
  /** Kinds as bits by index in KINDS. */
  seenKinds: number
}

/** An invalid ICMP type or code is worth this much at once (psad.md c2). */
export const INVALID_ICMP_LEVEL = 2

export function levelOf(evidence: Evidence, invalidIcmp: number): DangerLevel {
  const invalid = invalidIcmp > 0 ? INVALID_ICMP_LEVEL : 0
  return Math.max(evidence.counted, evidence.swept, invalid) as DangerLevel
}

export function kindBit(kind: Kind): number {
  return 1 << KINDS.indexOf(kind)
}

const VERTICAL_SCAN = kindBit('vertical_scan')
const HORIZONTAL_SWEEP = kindBit('horizontal_sweep')
const PROTOCOL_SCAN = kindBit('protocol_scan')
const SUSPICIOUS_PACKETS = kindBit('suspicious_packets')

/** What the source sent to one host (steps 1 to 3). */
export function weighRun(evidence: Evidence, targets: Targets, index: number, thresholds: Thresholds): void {
  const { words } = targets
  const at = index * targets.stride
  const packets = words[at + FIELD.packets] as number
  if (packets < (thresholds.packets[0] as number)) return
  const highest = words[at + FIELD.highest] as number
  const range = highest - (words[at + FIELD.lowest] as number)
  if (range >= thresholds.range && highest >= 0) count(evidence, packets, VERTICAL_SCAN, thresholds)
  const protocols = words[at + FIELD.protocolCount] as number
  if (protocols >= thresholds.protocols) count(evidence, packets, PROTOCOL_SCAN, thresholds)
  weighPortless(evidence, words[at + FIELD.portless] as number, thresholds)
}

/**
 * Without ports psad takes the number of packets for the range. Where a pair has both it looks at the ports alone,
 * so that one more packet can lower the range, and the result hangs on where a poll fell. Hence packets without
 * ports are judged by themselves: the same wherever psad's answer is steady.
 */
function weighPortless(evidence: Evidence, portless: number, thresholds: Thresholds): void {
  if (portless < (thresholds.packets[0] as number) || portless < thresholds.range) return
  count(evidence, portless, SUSPICIOUS_PACKETS, thresholds)
}

/** How many hosts it met in the interval (steps 2 to 4). */
export function weighInterval(scan: Evidence & Intervals, interval: number, thresholds: Thresholds): void {
  const hosts = hostsIn(scan, interval)
  if (hosts > scan.mostHosts) scan.mostHosts = hosts
  if (hosts < (thresholds.hosts[0] as number)) return
  const level = climb(thresholds.hosts, hosts)
  if (level > scan.swept) scan.swept = level
  count(scan, packetsBy(scan, interval), HORIZONTAL_SWEEP, thresholds)
}

function count(evidence: Evidence, packets: number, kind: number, thresholds: Thresholds): void {
  const level = climb(thresholds.packets, packets)
  if (level > evidence.counted) evidence.counted = level
  evidence.seenKinds |= kind
}
