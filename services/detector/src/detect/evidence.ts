/** The packet that led to an alert, as the alert carries it: for people, and for rules that ask for a log prefix. */
import { type Evidence, type Packet, printAddress } from '@picket/schemas'

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
