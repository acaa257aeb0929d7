/**
 * Packet: what one firewall log line says about one packet.
 *
 * It is a flyweight: a reader owns ONE (or one round of them) and overwrites it with every line, because allocating a
 * million of them is what makes log readers slow. Whoever wants to keep one calls `copyPacket`.
 * Numbers are -1 where the line does not say; text is '' where the line does not say.
 */
import type { Address } from './address.ts'
import type { Verdict } from './verdict.ts'

/** A range of `Packet.line`, decoded only when somebody asks. `end` is exclusive; `start` is -1 when absent. */
export interface Span {
  start: number
  end: number
}

export interface Packet {
  /** Event time in ms since 1970 UTC; NaN when the line has none. */
  time: number
  /** The machine that logged it; '' when the line does not say. */
  reporter: string
  /** Text before `IN=`, exactly as written. Interned: the same prefix is the same string object. */
  prefix: string
  verdict: Verdict
  in: string
  out: string
  readonly src: Address
  readonly dst: Address
  /** IP protocol number (IANA). */
  proto: number
  spt: number
  dpt: number
  /** TCP flags as in the header's low byte, see flags.ts; 0 is a NULL packet; -1 where the line holds no TCP header. */
  flags: number
  icmpType: number
  icmpCode: number
  /** Total IP length for IPv4, 40 + payload for IPv6, as the kernel prints it. */
  len: number
  /** TTL, or hop limit for IPv6. */
  ttl: number
  /** IPv4 identification. */
  id: number
  tos: number
  window: number
  seq: number
  ack: number
  /** Length field of the UDP or UDPLITE header. */
  udpLen: number
  /** Identifier and sequence of an ICMP echo. */
  icmpId: number
  icmpSeq: number
  /** IPv4 fragment bits, see FRAGMENT. */
  fragment: number
  /** Fragment offset in 8-byte units (IPv4) or bytes (IPv6). */
  fragmentOffset: number
  /** True when the kernel could not read the header ("INCOMPLETE"): there are no ports then. */
  incomplete: boolean
  /** True when the frame went to a broadcast or multicast hardware address. */
  toMany: boolean
  /** The packet stands for so many alike ("message repeated 3 times"); at least 1. */
  count: number
  /** Told of before, by the line of a rule that had not refused it yet (UFW AUDIT): new evidence, but no other packet. */
  again: boolean
  /** Where the line stands: the input's number and the line's first byte in it. The pair is the packet's identity. */
  input: number
  offset: number
  /** The bytes that the spans below point into. Valid until the reader's next line. */
  line: Uint8Array
  /** From `IN=` to the end of the line: everything the kernel wrote. */
  readonly body: Span
  /** The hardware addresses as 14 octets `dst:src:type` (MAC=), or MACSRC= up to the end of MACPROTO=. */
  readonly mac: Span
  /** Hex digits of the TCP options, and of the IP options. */
  readonly tcpOptions: Span
  readonly ipOptions: Span
  /** The text between the brackets of an ICMP error: the packet it speaks of, whose SRC= is ours. */
  readonly inner: Span
}

/** Bits of `Packet.fragment`. CE is the reserved bit of RFC 791 as the kernel names it, not ECN. */
export const FRAGMENT = { MF: 1, DF: 2, CE: 4 } as const

export type Direction = 'in' | 'out' | 'forward'

/** `out` when IN= is empty and OUT= is not: a packet of this machine itself. */
export function directionOf(packet: Packet): Direction {
  if (packet.out === '') return 'in'
  return packet.in === '' ? 'out' : 'forward'
}

export function newPacket(): Packet {
  return {
    time: Number.NaN,
    reporter: '',
    prefix: '',
    verdict: 'unknown',
    in: '',
    out: '',
    src: new Int32Array(4),
    dst: new Int32Array(4),
    ...NO_HEADERS,
    incomplete: false,
    toMany: false,
    count: 1,
    again: false,
    input: 0,
    offset: 0,
    line: new Uint8Array(0),
    body: { start: 0, end: 0 },
    mac: { start: -1, end: -1 },
    tcpOptions: { start: -1, end: -1 },
    ipOptions: { start: -1, end: -1 },
    inner: { start: -1, end: -1 },
  }
}

const NO_HEADERS = {
  proto: -1,
  spt: -1,
  dpt: -1,
  flags: -1,
  icmpType: -1,
  icmpCode: -1,
  len: -1,
  ttl: -1,
  id: -1,
  tos: -1,
  window: -1,
  seq: -1,
  ack: -1,
  udpLen: -1,
  icmpId: -1,
  icmpSeq: -1,
  fragment: 0,
  fragmentOffset: -1,
}

/** A packet that outlives the reader's next line: addresses, spans and the line's bytes are its own. */
export function copyPacket(packet: Packet): Packet {
  return {
    ...packet,
    src: packet.src.slice(),
    dst: packet.dst.slice(),
    line: packet.line.slice(packet.body.start, packet.body.end),
    body: shift(packet.body, packet.body.start),
    mac: shift(packet.mac, packet.body.start),
    tcpOptions: shift(packet.tcpOptions, packet.body.start),
    ipOptions: shift(packet.ipOptions, packet.body.start),
    inner: shift(packet.inner, packet.body.start),
  }
}

function shift(span: Span, by: number): Span {
  return span.start < 0 ? { start: -1, end: -1 } : { start: span.start - by, end: span.end - by }
}
