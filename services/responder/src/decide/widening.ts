/**
 * Widening: when so many sources of one network are banned that the network itself is, within a budget.
 *
 * Many honest people may share a network with a few who scan, so one offender never suffices, and neighbours of a wide ban count for nothing.
 */
import { isV4Prefix, type Prefix, parsePrefix, printPrefix } from '@picket/schemas'
import { type BanRecord, bannedUntil } from './ban-record.ts'
import { networkOf } from './ban-subject.ts'
import type { Widening } from './decision-policy.ts'

export interface WideBan {
  readonly subject: string
  readonly sources: number
  /** The ban ends with the last of its sources. */
  readonly until: number
}

export function wideBans(records: readonly BanRecord[], policy: Widening, now: number): WideBan[] {
  if (policy.sources === 0) return []
  const active = records.flatMap(({ subject, ...record }) => {
    const until = bannedUntil({ subject, ...record }, now)
    const prefix = parsePrefix(subject)
    return until === undefined || prefix === undefined ? [] : [{ subject, prefix, until }]
  })
  const wide = new Set(active.filter(({ prefix }) => isWide(prefix)).map(({ subject }) => subject))
  const byNetwork = new Map<string, number[]>()
  for (const { prefix, subject, until } of active) {
    if (wide.has(subject)) continue
    const network = printPrefix(networkOf(prefix, policy.v4Bits, policy.v6Bits))
    byNetwork.set(network, [...(byNetwork.get(network) ?? []), until])
  }
  const found = [...byNetwork]
    .filter(([network, untils]) => untils.length >= policy.sources && !wide.has(network))
    .map(([subject, untils]) => ({ subject, sources: untils.length, until: Math.max(...untils) }))
    .sort((a, b) => b.sources - a.sources || (a.subject < b.subject ? -1 : 1))
  return found.slice(0, Math.max(0, policy.most - wide.size))
}

/** More than one IPv4 address, or more than one /64. */
function isWide(prefix: Prefix): boolean {
  return prefix.bits < (isV4Prefix(prefix) ? 128 : 64)
}
