/**
 * Contact: the first probe of a source to one host, protocol and port, as the second stage is told of it.
 *
 * It is a flyweight of whoever tells: its fields are overwritten by the next one. What our own machines send is
 * none: who scans from within is no stranger to gather.
 */
import type { Address, Packet } from '@picket/schemas'
import { isIcmp } from '../picket/contact.ts'
import { isHome, type Rules } from '../rules/rules.ts'
import { techniqueOf } from '../technique.ts'

/** So many contacts of a source are told of: who has more is a scanner alone. */
export const RANKED = 16

/** Bits of `Contact.targets`: which of its targets the partition at hand holds. */
export const TARGETS = { host: 1, port: 2 } as const

export interface Contact {
  /** Event time, ms since 1970 UTC. */
  time: number
  source: Address
  host: Address
  proto: number
  /** Destination port or ICMP type; -1 without. */
  port: number
  /** Bit number as in TECHNIQUES. */
  technique: number
  /** The how-manieth contact of its source in this story, from 1. */
  rank: number
  targets: number
}

export function newContact(): Contact {
  return {
    time: 0,
    source: new Int32Array(4),
    host: new Int32Array(4),
    proto: 0,
    port: -1,
    technique: 0,
    rank: 1,
    targets: TARGETS.host | TARGETS.port,
  }
}

/** The contact that a packet has led to. It shares the packet's addresses. */
export function fillContact(contact: Contact, packet: Packet, time: number, rank: number): void {
  contact.time = time
  contact.source = packet.src
  contact.host = packet.dst
  contact.proto = packet.proto & 0xff
  contact.port = isIcmp(packet.proto) ? packet.icmpType : packet.dpt
  contact.technique = techniqueOf(packet)
  contact.rank = rank
}

/** Whether one of our own machines sent the packet. */
export function isOwn(rules: Rules, packet: Packet): boolean {
  return (packet.in === '' && packet.out !== '') || isHome(rules, packet.src)
}
