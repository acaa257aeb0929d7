/** Alerts of the fleet: an alert, the packet that caused it, and when the broker took that packet. */
import { type Alert, type Evidence, type Packet, printAddress } from '@picket/schemas'

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
