/**
 * Packets for tests, made by hand: a SYN from 203.0.113.9 to 10.0.0.5 unless told otherwise.
 *
 * `at` is in seconds after the test's epoch, so that cases read as a time line.
 */
import { type Address, newPacket, type Packet, parseAddress, SYN } from '@picket/schemas'

export const EPOCH: number = Date.UTC(2026, 0, 5, 10, 0, 0)
export const MINUTE = 60
export const HOUR = 3600
export const DAY = 86_400

export interface PacketParts extends Partial<Omit<Packet, 'src' | 'dst' | 'time'>> {
  readonly at?: number
  readonly src?: string
  readonly dst?: string
}

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`${text} is no address`)
  return parsed
}

let offset = 0

export function tcp(parts: PacketParts = {}): Packet {
  const { at = 0, src = '203.0.113.9', dst = '10.0.0.5', ...rest } = parts
  const packet = newPacket()
  packet.src.set(address(src))
  packet.dst.set(address(dst))
  offset += 200
  const common = { reporter: 'web1', in: 'eth0', verdict: 'drop', len: 44, ttl: 50, offset } as const
  const plain = { proto: 6, spt: 54_321, dpt: 22, flags: SYN }
  return Object.assign(packet, common, plain, rest, { time: EPOCH + at * 1000 })
}

/** A datagram with a payload of 20 bytes. */
export function udp(parts: PacketParts = {}): Packet {
  return tcp({ proto: 17, flags: -1, len: 48, udpLen: 28, dpt: 161, ...parts })
}

export function icmp(icmpType: number, parts: PacketParts = {}): Packet {
  return tcp({ proto: 1, flags: -1, spt: -1, dpt: -1, icmpType, icmpCode: 0, len: 28, ...parts })
}

export function protocol(proto: number, parts: PacketParts = {}): Packet {
  return tcp({ proto, flags: -1, spt: -1, dpt: -1, len: 20, ...parts })
}

/** One packet per port, a second apart. */
export function toPorts(ports: readonly number[], parts: PacketParts = {}): Packet[] {
  return ports.map((dpt, i) => tcp({ ...parts, dpt, at: (parts.at ?? 0) + i }))
}

/** One packet per host 10.0.x.y, a second apart. */
export function toHosts(count: number, parts: PacketParts = {}): Packet[] {
  return upTo(count).map((i) => tcp({ ...parts, dst: `10.0.${i >> 8}.${i & 255}`, at: (parts.at ?? 0) + i }))
}

export function upTo(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, i) => from + i)
}
