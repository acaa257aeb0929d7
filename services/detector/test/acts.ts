/** What somebody does, at random, for properties; and what of the outcome must not depend on the order of packets. */
import { ACK, FIN, type Incident, type Packet, SYN } from '@picket/schemas'
import fc from 'fast-check'
import { MAX_SUSPECTS } from '../src/detect/picket/suspects.ts'
import { icmp, protocol, tcp, udp, upTo } from './packets.ts'

export const LATENESS_MS: number = 5000

export interface Act {
  readonly source: number
  readonly sort: 'syn' | 'fin' | 'ack' | 'late' | 'udp' | 'ping' | 'protocol' | 'out'
  readonly at: number
  readonly gap: number
  readonly count: number
  readonly hosts: number
  readonly ports: number
  readonly from: number
}

/** What somebody does: `count` packets, `gap` seconds apart, of one sort, over some hosts and ports. */
export const act: fc.Arbitrary<Act> = fc.record({
  source: fc.integer({ min: 1, max: 3 }),
  sort: fc.constantFrom('syn', 'fin', 'ack', 'late', 'udp', 'ping', 'protocol', 'out'),
  at: fc.integer({ min: 0, max: 40_000 }),
  gap: fc.constantFrom(0, 0.01, 1, 40, 1300),
  count: fc.integer({ min: 1, max: 260 }),
  hosts: fc.constantFrom(1, 1, 2, 5, 300),
  ports: fc.constantFrom(1, 3, 20, 400),
  from: fc.constantFrom(1, 20, 440, 8079, 40_000),
})

/**
 * The same with fewer packets that may be of closed sessions. Of these a source's newest 64 are kept, and of more the
 * order may show in which of them are counted when they turn out to be a scan.
 */
export function withFewSuspects(acts: readonly Act[]): Act[] {
  const most = Math.floor(MAX_SUSPECTS / acts.length)
  return acts.map((step) =>
    step.sort === 'ack' || step.sort === 'late' ? { ...step, count: Math.min(step.count, most) } : step,
  )
}

export function play(step: Act): Packet[] {
  return upTo(step.count).map((i) => probe(step, i))
}

function probe(step: Act, i: number): Packet {
  const host = i % step.hosts
  const dpt = step.from + (Math.floor(i / step.hosts) % step.ports)
  const dst = `10.0.${host >> 8}.${host & 255}`
  const parts = { src: `203.0.113.${step.source}`, dst, dpt, at: step.at + i * step.gap }
  switch (step.sort) {
    case 'syn':
      return tcp({ ...parts, flags: SYN, reporter: `web${host % 3}` })
    case 'fin':
      return tcp({ ...parts, flags: FIN })
    case 'ack':
      return tcp({ ...parts, flags: ACK, spt: 45_000 })
    case 'late':
      return tcp({ ...parts, flags: ACK | FIN, dpt: 443, spt: 40_000 + ((i * 7919) % 20_000) })
    case 'udp':
      return udp(parts)
    case 'ping':
      return icmp(8, { ...parts, dpt: -1 })
    case 'protocol':
      return protocol(47 + (i % 9), { ...parts, dpt: -1 })
    default:
      return tcp({ ...parts, in: '', out: 'eth0' })
  }
}

/** All that must not depend on the order of arrival. */
export function essence(incidents: readonly Incident[]): unknown[] {
  return incidents
    .map(({ source, kinds, level, packets, contacts, hosts, hostCount, ports, portCount, ...rest }) => ({
      source,
      kinds,
      level,
      packets,
      contacts,
      hosts,
      hostCount,
      ports,
      portCount,
      firstSeen: rest.firstSeen,
      lastSeen: rest.lastSeen,
      reporters: rest.reporters,
      techniques: rest.techniques,
      bannable: rest.bannable,
    }))
    .sort((a, b) => (`${a.source}${a.firstSeen}` < `${b.source}${b.firstSeen}` ? -1 : 1))
}

/** Up to LATENESS_MS. */
export function jitter(seed: number, i: number): number {
  const mixed = Math.imul((seed ^ i) + 0x9e3779b9, 0x85ebca6b)
  return ((mixed ^ (mixed >>> 15)) >>> 0) % LATENESS_MS
}
