/**
 * What a packet is by itself: a probe, or one of the harmless things that firewalls log.
 *
 * The order of the questions is the rule. What is meant for many, or answers something, is never evidence,
 * however much of it comes; what may be either (the tail of a session, or an ACK scan) is a suspect.
 */
import { ACK, type Address, FIN, isV4, type Packet, PROTOCOL, PSH, RST, SYN } from '@picket/schemas'
import type { Observation } from '../observation.ts'
import { CLASSIC_FLAGS } from '../technique.ts'
import type { PortClasses } from './port-classes.ts'

/** `outward`: the packet comes from a machine of ours. */
export function classify(packet: Packet, outward: boolean, ports: PortClasses): Observation {
  if (packet.verdict === 'accept') return 'accepted'
  if (packet.verdict === 'audit') return 'audited'
  if (isForMany(packet)) return 'noise'
  switch (packet.proto) {
    case PROTOCOL.TCP:
      return outward && ports.isBrowsing(packet.dpt) ? 'browsing' : classifyTcp(packet)
    case PROTOCOL.UDP:
      return outward && ports.isBrowsing(packet.dpt) ? 'browsing' : classifyUdp(packet, ports)
    case PROTOCOL.ICMP:
      return classifyIcmp(packet.icmpType)
    case PROTOCOL.ICMPV6:
      return classifyIcmp6(packet.icmpType)
    default:
      return 'probe'
  }
}

/** Broadcast, multicast, or from nobody. */
function isForMany(packet: Packet): boolean {
  if (packet.toMany) return true
  const { src, dst } = packet
  if (isV4(dst)) return isMulticastOrBroadcast(dst[3] as number) || src[3] === 0
  return (dst[0] as number) >>> 24 === 0xff || isUnspecified(src)
}

/** 224.0.0.0/4 (RFC 5771), 255.255.255.255 (RFC 919), and 240.0.0.0/4 between them, which nobody has. */
function isMulticastOrBroadcast(word: number): boolean {
  return word >>> 28 >= 14
}

function isUnspecified(address: Address): boolean {
  return address[3] === 0 && address[2] === 0 && address[1] === 0 && address[0] === 0
}

/** Ports from here on are what Linux gives to clients (ip_local_port_range). */
export const EPHEMERAL = 32_768

function classifyTcp(packet: Packet): Observation {
  if (packet.flags < 0) return 'probe'
  const flags = packet.flags & CLASSIC_FLAGS
  if (isAnswerToForgery(flags)) return 'backscatter'
  if ((flags & (SYN | RST | ACK)) !== ACK) return 'probe'
  if (isServerToClient(packet)) return 'reply'
  return (flags & PSH) !== 0 ? 'stray' : 'suspect'
}

/** SYN+ACK, RST or RST+ACK. With SYN or FIN beside it no RST is an answer, nor a SYN+ACK with FIN or RST. */
function isAnswerToForgery(flags: number): boolean {
  if ((flags & SYN) !== 0) return (flags & (ACK | FIN | RST)) === ACK
  return (flags & RST) !== 0 && (flags & (ACK | FIN)) !== FIN
}

/** From a service to a port that only a client would have. */
function isServerToClient(packet: Packet): boolean {
  return packet.spt < EPHEMERAL && packet.dpt >= 1024 && packet.dpt >= packet.spt
}

function classifyUdp(packet: Packet, ports: PortClasses): Observation {
  if (packet.dpt < 0) return 'probe'
  if (isLocalDiscovery(packet)) return 'noise'
  if (isLateAnswer(packet, ports)) return 'reply'
  return ports.isTraceroute(packet.dpt) ? 'traceroute' : 'probe'
}

/** DHCP (RFC 2131, 8415), and what speaks from a port to the same port of a directed broadcast address. */
function isLocalDiscovery(packet: Packet): boolean {
  const { spt, dpt } = packet
  if (spt === dpt) return isV4(packet.dst) && ((packet.dst[3] as number) & 15) === 15
  if (spt + dpt === 135) return spt === 67 || spt === 68
  return spt + dpt === 1093 && (spt === 546 || spt === 547)
}

const UDP_HEADER = 8
/** A DNS header has 12 bytes (RFC 1035 4.1.1): nothing shorter is an answer. */
const SHORTEST_DNS = UDP_HEADER + 12

/** Scanners that send from port 53 or 123 mostly send empty datagrams; answers have a payload. */
function isLateAnswer(packet: Packet, ports: PortClasses): boolean {
  if (packet.dpt < 1024 || !ports.mayReply(packet.spt)) return false
  const length = packet.udpLen >= 0 ? packet.udpLen : packet.len - (isV4(packet.src) ? 20 : 40)
  return packet.spt === 53 ? length >= SHORTEST_DNS : length > UDP_HEADER
}

/** Types as IANA's "ICMP Parameters" has them. */
function classifyIcmp(type: number): Observation {
  switch (type) {
    case 0:
    case 14:
    case 16:
    case 18:
      return 'backscatter'
    case 3:
    case 4:
    case 5:
    case 11:
    case 12:
      return 'icmp-error'
    case 9:
    case 10:
      return 'noise'
    default:
      return 'probe'
  }
}

function classifyIcmp6(type: number): Observation {
  if (type >= 1 && type <= 4) return 'icmp-error'
  if (type === 129 || type === 140) return 'backscatter'
  if (type >= 130 && type <= 137) return 'neighbour-discovery'
  return type === 141 || type === 142 || type === 143 ? 'neighbour-discovery' : 'probe'
}
