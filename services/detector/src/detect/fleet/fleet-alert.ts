/** Alerts of the fleet: an alert, the packet that caused it, and when the broker took that packet. */
import { type Alert, type Packet, printAddress } from '@picket/schemas'

/** A packet that led to an alert. Numbers are -1 where the line did not say. */
export interface Evidence {
  readonly time: number
  readonly reporter: string
  readonly prefix: string
  readonly src: string
  readonly dst: string
  readonly proto: number
  readonly spt: number
  readonly dpt: number
  readonly flags: number
  readonly icmpType: number
  readonly icmpCode: number
  readonly len: number
  readonly ttl: number
}

export interface FleetAlert extends Alert {
  /** ms since 1970 UTC. Not part of the id, which says what was seen and not when it was read. */
  readonly logged: number
  readonly evidence: readonly Evidence[]
}

export function evidenceOf(packet: Packet, time: number): Evidence {
  return {
    time,
    reporter: packet.reporter,
    prefix: packet.prefix,
    src: printAddress(packet.src),
    dst: printAddress(packet.dst),
    proto: packet.proto,
    spt: packet.spt,
    dpt: packet.dpt,
    flags: packet.flags,
    icmpType: packet.icmpType,
    icmpCode: packet.icmpCode,
    len: packet.len,
    ttl: packet.ttl,
  }
}
