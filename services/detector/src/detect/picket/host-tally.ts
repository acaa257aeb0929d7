/**
 * What FewContacts tallies per host, packed in two words: counts, and the evidence of its ports.
 *
 * The counts hold ports (16 bits), protocols (9 bits) and a bit for each protocol that nearly all packets are of.
 */
import { type Address, PROTOCOL } from '@picket/schemas'
import { isIcmp } from './contact.ts'

/** The two tallies. */
export const COUNTS = 0
export const EVIDENCE = 1

export const ONE_PROTOCOL: number = 1 << 16
const ASKED_BY_ICMP = 1 << 25
const ASKED_BY_TCP = 1 << 26
const ASKED_BY_UDP = 1 << 27

export function portsOf(counts: number): number {
  return counts & 0xffff
}

export function protocolsOf(counts: number): number {
  return (counts >>> 16) & 0x1ff
}

export function isAskedByIcmp(counts: number): boolean {
  return (counts & ASKED_BY_ICMP) !== 0
}

/** 0 for a protocol that has no bit of its own. */
export function protocolBit(proto: number): number {
  if (proto === PROTOCOL.TCP) return ASKED_BY_TCP
  if (proto === PROTOCOL.UDP) return ASKED_BY_UDP
  return isIcmp(proto) ? ASKED_BY_ICMP : 0
}

export type ContactVisitor = (host: Address, shape: number, marks: number, minute: number) => void

/** Ascending distinct ports by protocol number, of shapes that name a port; sorts them in place. */
export function portsByProtocol(shapes: Int32Array): Map<number, number[]> {
  const found = new Map<number, number[]>()
  let ports: number[] = []
  let proto = -1
  let last = -1
  for (const shape of shapes.sort()) {
    if (shape === last) continue
    if (shape >>> 16 !== proto) {
      proto = shape >>> 16
      ports = []
      found.set(proto, ports)
    }
    ports.push(shape & 0xffff)
    last = shape
  }
  return found
}
