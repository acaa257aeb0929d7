/**
 * What FewContacts tallies per host, in one word: ports and protocols (8 bits each, as contacts are few), a bit for
 * each protocol that nearly all packets are of, and the evidence of its ports (13 bits).
 *
 * Evidence stays at its most, 81.91 nats, when there is more.
 */
import { type Address, PROTOCOL } from '@picket/schemas'
import { isIcmp } from './contact.ts'

export const ONE_PORT = 1
export const ONE_PROTOCOL: number = 1 << 8
const ASKED_BY_ICMP = 1 << 16
const ASKED_BY_TCP = 1 << 17
const ASKED_BY_UDP = 1 << 18
const EVIDENCE_SHIFT = 19
const MOST_EVIDENCE = 0x1fff

export function portsOf(tally: number): number {
  return tally & 0xff
}

export function protocolsOf(tally: number): number {
  return (tally >>> 8) & 0xff
}

export function isAskedByIcmp(tally: number): boolean {
  return (tally & ASKED_BY_ICMP) !== 0
}

export function addEvidence(tally: number, gain: number): number {
  const evidence = Math.min((tally >>> EVIDENCE_SHIFT) + gain, MOST_EVIDENCE)
  return (tally & ((1 << EVIDENCE_SHIFT) - 1)) | (evidence << EVIDENCE_SHIFT)
}

/** Whether there is so much evidence, or as much as can be told. */
export function hasEvidence(tally: number, threshold: number): boolean {
  return tally >>> EVIDENCE_SHIFT >= Math.min(threshold, MOST_EVIDENCE)
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
