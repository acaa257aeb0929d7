/**
 * Technique: how a probe asks. Named after what nmap calls the scan that sends such packets.
 *
 * The flags of ECN (ECE, CWR) say nothing about it and are left out. An ACK probe is what `nmap -sA` and
 * `nmap -sW` both send: the line cannot tell them apart, so the report names both.
 */
import { ACK, FIN, type Packet, PROTOCOL, PSH, RST, SYN, URG } from '@picket/schemas'

export const TECHNIQUES = [
  'syn',
  'null',
  'fin',
  'xmas',
  'maimon',
  'ack',
  'odd',
  'udp',
  'icmp-echo',
  'icmp-timestamp',
  'icmp-information',
  'icmp-mask',
  'icmp',
  'protocol',
  'truncated',
] as const

export const TECHNIQUE = {
  syn: 0,
  null: 1,
  fin: 2,
  xmas: 3,
  maimon: 4,
  ack: 5,
  odd: 6,
  udp: 7,
  echo: 8,
  timestamp: 9,
  information: 10,
  mask: 11,
  icmp: 12,
  protocol: 13,
  truncated: 14,
} as const

/** Without the ECN bits (RFC 3168), which an honest SYN may carry. */
export const CLASSIC_FLAGS: number = FIN | SYN | RST | PSH | ACK | URG

const XMAS = FIN | PSH | URG

/** Probes that no honest stack sends: they try to slip past a filter. */
export function isStealth(technique: number): boolean {
  return technique >= TECHNIQUE.null && technique <= TECHNIQUE.odd
}

/** The technique of a packet that is a probe or a suspect. */
export function techniqueOf(packet: Packet): number {
  switch (packet.proto) {
    case PROTOCOL.TCP:
      return packet.flags < 0 ? TECHNIQUE.truncated : tcpTechnique(packet.flags & CLASSIC_FLAGS)
    case PROTOCOL.UDP:
    case PROTOCOL.UDPLITE:
      return packet.dpt < 0 ? TECHNIQUE.truncated : TECHNIQUE.udp
    case PROTOCOL.ICMP:
    case PROTOCOL.ICMPV6:
      return icmpTechnique(packet.icmpType, packet.proto)
    default:
      return TECHNIQUE.protocol
  }
}

function tcpTechnique(flags: number): number {
  if (flags === SYN) return TECHNIQUE.syn
  if (flags === 0) return TECHNIQUE.null
  if (flags === FIN) return TECHNIQUE.fin
  if (flags === XMAS) return TECHNIQUE.xmas
  if ((flags & (SYN | RST | ACK)) !== ACK) return TECHNIQUE.odd
  return (flags & FIN) === 0 ? TECHNIQUE.ack : TECHNIQUE.maimon
}

function icmpTechnique(type: number, proto: number): number {
  if (type < 0) return TECHNIQUE.truncated
  if (proto === PROTOCOL.ICMPV6) return type === 128 ? TECHNIQUE.echo : TECHNIQUE.icmp
  if (type === 8) return TECHNIQUE.echo
  if (type === 13) return TECHNIQUE.timestamp
  if (type === 15) return TECHNIQUE.information
  return type === 17 ? TECHNIQUE.mask : TECHNIQUE.icmp
}

/** The bits of techniques for which `isStealth` holds. */
export const STEALTH_BITS: number = (2 << TECHNIQUE.odd) - (1 << TECHNIQUE.null)

/** Names of a set of technique bits, in the order of TECHNIQUES; `ack` stands for `window` as well. */
export function techniqueNames(bits: number): string[] {
  const names = TECHNIQUES.filter((_, i) => (bits & (1 << i)) !== 0)
  return names.flatMap((name) => (name === 'ack' ? ['ack', 'window'] : [name]))
}
