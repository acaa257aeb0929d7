/**
 * ManyContacts as a plain value, and back. The sets and sketches know how to pack themselves.
 */

import { Sketch } from '../sketch.ts'
import { FewOf } from './few-of.ts'
import { HostSet } from './host-set.ts'
import { ManyContacts } from './many-contacts.ts'
import { Pace } from './pace.ts'
import type { PicketPolicy } from './policy.ts'
import { PortSet } from './port-set.ts'

interface Packed {
  readonly hosts: unknown[]
  readonly hostSketch: unknown
  readonly pairs: unknown
  readonly tcp: unknown
  readonly udp: unknown
  readonly others: readonly (readonly [number, unknown])[]
  readonly bare: readonly number[]
  readonly protocols: readonly number[]
  readonly portHosts: readonly number[]
  readonly stealth: unknown
  readonly syn: unknown
  readonly icmpHosts: unknown
  readonly pace: unknown
  readonly flags: readonly [boolean, boolean, boolean]
}

export function packMany(many: ManyContacts): Packed {
  return {
    hosts: many.hostSet.pack(),
    hostSketch: many.hostSketch?.pack() ?? null,
    pairs: many.pairs.pack(),
    tcp: many.tcp.pack(),
    udp: many.udp.pack(),
    others: [...many.others].map(([proto, set]) => [proto, set.pack()] as const),
    bare: [...many.bare],
    protocols: [...many.protocolSet],
    portHosts: Array.from(many.portHosts),
    stealth: many.stealth.pack(),
    syn: many.syn.pack(),
    icmpHosts: many.icmpHosts.pack(),
    pace: many.pace.pack(),
    flags: [many.sawVertical, many.isSweep, many.sawProtocols],
  }
}

export function unpackMany(value: unknown, policy: PicketPolicy): ManyContacts {
  const packed = value as Packed
  const hosts = HostSet.unpack(packed.hosts)
  const many = new ManyContacts(hosts.addressWords, policy, Pace.unpack(packed.pace))
  many.hostSet = hosts
  many.hostSketch = packed.hostSketch === null ? null : Sketch.unpack(packed.hostSketch)
  many.pairs = Sketch.unpack(packed.pairs)
  many.tcp = PortSet.unpack(packed.tcp)
  many.udp = PortSet.unpack(packed.udp)
  many.others = new Map(packed.others.map(([proto, set]) => [proto, PortSet.unpack(set)]))
  many.bare = new Set(packed.bare)
  many.protocolSet = new Set(packed.protocols)
  many.portHosts = Int32Array.from(packed.portHosts)
  many.stealth = FewOf.unpack(policy.kinds.stealthContacts, packed.stealth)
  many.syn = FewOf.unpack(policy.banContacts, packed.syn)
  many.icmpHosts = FewOf.unpack(policy.kinds.icmpHosts, packed.icmpHosts)
  many.portCount = many.tcp.size + many.udp.size
  for (const set of many.others.values()) many.portCount += set.size
  const [sawVertical, isSweep, sawProtocols] = packed.flags
  Object.assign(many, { sawVertical, isSweep, sawProtocols })
  return many
}
