/**
 * Reasons: why a scan has its level, or what is missing for one. Data first; the sentences are made of it.
 */
import type { Kind } from '@picket/schemas'
import { STEALTH_BITS, techniqueNames } from '../technique.ts'
import { reachOf } from './first-contact.ts'
import { kindNames } from './judge.ts'
import type { PicketScan } from './picket-scan.ts'
import type { PortClasses } from './port-classes.ts'
import type { Reach } from './reach.ts'

export type Reason =
  | { readonly type: 'evidence'; readonly nats: number; readonly of: number; readonly contacts: number }
  | { readonly type: 'burst'; readonly minutes: number }
  | {
      readonly type: 'too-little'
      readonly nats: number
      readonly of: number
      readonly contacts: number
      readonly needed: number
    }
  | { readonly type: 'assigned'; readonly level: number }
  | {
      readonly type: 'kind'
      readonly kind: Kind
      readonly reach: Reach
      readonly hours: number
      readonly techniques: readonly string[]
    }
  | { readonly type: 'level'; readonly level: number; readonly contacts: number; readonly hosts: number }
  | { readonly type: 'suspects'; readonly packets: number }

export function reasonsOf(scan: PicketScan, classes: PortClasses): Reason[] {
  const reach = reachOf(scan, classes)
  const reasons: Reason[] = []
  if (scan.assigned > 0) reasons.push({ type: 'assigned', level: scan.assigned })
  reasons.push(evidenceReason(scan, reach, classes))
  if (reach.isScan) {
    const hours = (scan.lastSeen - scan.firstSeen) / 3_600_000
    const techniques = techniqueNames(scan.techniques & STEALTH_BITS)
    for (const kind of kindNames(scan.kinds)) reasons.push({ type: 'kind', kind, reach, hours, techniques })
    reasons.push({ type: 'level', level: scan.level, contacts: reach.size, hosts: reach.hostCount })
  }
  if (scan.suspects !== null) reasons.push({ type: 'suspects', packets: scan.suspects.packets })
  return reasons
}

function evidenceReason(scan: PicketScan, reach: Reach, classes: PortClasses): Reason {
  const { evidence, minContacts, outbound, burst } = classes.policy
  const amount = { nats: reach.evidence / 100, of: evidence.threshold / 100, contacts: reach.size }
  const needed = scan.isOutward ? outbound.minContacts : minContacts
  if (!reach.isScan) return { type: 'too-little', ...amount, needed }
  if (reach.evidence < evidence.threshold) return { type: 'burst', minutes: burst.minutes }
  return { type: 'evidence', ...amount }
}

export function sayReason(reason: Reason): string {
  switch (reason.type) {
    case 'evidence':
      return `evidence ${reason.nats.toFixed(2)} from ${counted(reason.contacts, 'contact')} reaches ${reason.of.toFixed(2)}`
    case 'too-little':
      return `evidence ${reason.nats.toFixed(2)} of ${reason.of.toFixed(2)} from ${counted(reason.contacts, 'contact')}, of which ${reason.needed} are needed`
    case 'burst':
      return `a burst within ${counted(reason.minutes, 'minute')}`
    case 'assigned':
      return `level ${reason.level} by assignment`
    case 'level':
      return `level ${reason.level} by ${counted(reason.contacts, 'contact')} on ${counted(reason.hosts, 'host')}`
    case 'suspects':
      return `${counted(reason.packets, 'packet')} may belong to closed sessions and ${reason.packets === 1 ? 'counts' : 'count'} for nothing`
    case 'kind':
      return sayKind(reason)
  }
}

function sayKind(reason: Extract<Reason, { type: 'kind' }>): string {
  const { kind, reach, hours, techniques } = reason
  switch (kind) {
    case 'slow_scan':
      return `${kind}: ${counted(reach.size, 'contact')} in ${hours.toFixed(1)} hours, never three in one hour`
    case 'stealth_scan':
      return `${kind}: probes by ${techniques.join(', ')}`
    case 'protocol_scan':
      return `${kind}: ${reach.protocols().length} IP protocols`
    case 'icmp_sweep':
      return `${kind}: ICMP requests to ${counted(reach.hostCount, 'host')}`
    case 'outbound_scan':
      return `${kind}: the source is one of our own machines`
    default:
      return `${kind}: ${counted(reach.portCount, 'port')} on ${counted(reach.hostCount, 'host')}`
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
