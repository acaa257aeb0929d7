/**
 * The judgement: what level a scan has reached and which kinds of scan it is.
 *
 * Both follow from the scan as it stands, never from how it came about. Levels only rise with more contacts;
 * a kind may go again (a slow scan that speeds up is none).
 */
import { KINDS, type Kind } from '@picket/schemas'
import { reachOf } from './first-contact.ts'
import type { PicketScan } from './picket-scan.ts'
import { rungOf } from './policy.ts'
import type { PortClasses } from './port-classes.ts'
import type { Reach } from './reach.ts'

const HOUR_MS = 3_600_000

export function judgeScan(scan: PicketScan, classes: PortClasses): void {
  const { levels } = classes.policy
  scan.level = 0
  scan.kinds = scan.assigned > 0 ? kindBit('suspicious_packets') : 0
  if (isAlone(scan) && classes.policy.minContacts > 1) return
  const reach = reachOf(scan, classes)
  if (!reach.isScan) return
  const hosts = reach.hostCount
  scan.level = Math.max(1, rungOf(levels.contacts, reach.size), rungOf(levels.hosts, hosts))
  scan.kinds = kindsOf(scan, reach, classes)
}

function isAlone(scan: PicketScan): boolean {
  return !scan.hasFew && scan.many === null
}

export function kindBit(kind: Kind): number {
  return 1 << KINDS.indexOf(kind)
}

/** Kinds by the bits of a scan, in the order of KINDS. */
export function kindNames(bits: number): Kind[] {
  return KINDS.filter((_, i) => (bits & (1 << i)) !== 0)
}

const VERTICAL = kindBit('vertical_scan')
const HORIZONTAL = kindBit('horizontal_sweep')
const BLOCK = kindBit('block_scan')
const SLOW = kindBit('slow_scan')
const PROTOCOLS = kindBit('protocol_scan')
const ICMP = kindBit('icmp_sweep')
const STEALTH = kindBit('stealth_scan')
const OUTBOUND = kindBit('outbound_scan')

function kindsOf(scan: PicketScan, reach: Reach, classes: PortClasses): number {
  const shape = shapeKinds(reach, classes)
  const hosts = reach.hostCount
  const fallback = hosts > Math.max(reach.portCount, 1) ? HORIZONTAL : VERTICAL
  const manner = (reach.isStealth ? STEALTH : 0) | (scan.isOutward ? OUTBOUND : 0)
  const slow = isSlow(scan, reach, classes) ? SLOW : 0
  return (shape === 0 ? fallback : shape) | manner | slow
}

function shapeKinds(reach: Reach, classes: PortClasses): number {
  let kinds = reach.isVertical ? VERTICAL : 0
  if (reach.isSweep) kinds |= HORIZONTAL
  if (isBlock(reach, classes)) kinds |= BLOCK
  if (reach.isProtocolScan) kinds |= PROTOCOLS
  return reach.isIcmpSweep ? kinds | ICMP : kinds
}

function isBlock(reach: Reach, classes: PortClasses): boolean {
  const { blockHosts, blockPorts, blockContacts } = classes.policy.kinds
  return reach.hostCount >= blockHosts && reach.portCount >= blockPorts && reach.size >= blockContacts
}

function isSlow(scan: PicketScan, reach: Reach, classes: PortClasses): boolean {
  if (reach.isFast) return false
  return scan.lastSeen - scan.firstSeen >= classes.policy.kinds.slowHours * HOUR_MS
}
