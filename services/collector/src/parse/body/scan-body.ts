/**
 * The scanner for what the kernel writes behind `OUT=` (nf_log_syslog.c, and ulogd's LOGEMU).
 *
 * One pass over the tokens in three stages, link, network, transport: LEN=, ID=, SEQ= and OPT mean
 * another thing in each. A key counts only at the start of a token (`SRC=` also ends `MACSRC=`).
 * Keys are compared as four bytes in one 32-bit word.
 */
import type { Packet } from '@picket/schemas'
import { CUT } from '../outcome.ts'
import { V4_SPELT } from './read-address.ts'
import { NumberReader } from './read-number.ts'
import { NetworkScanner } from './scan-network.ts'
import { TransportScanner } from './scan-transport.ts'
import { UsualScanner } from './scan-usual.ts'

export class BodyScanner {
  /** The line was made of a whole record (ulogd's JSON): what it lacks was not cut off. */
  isRecord = false
  private readonly usual: UsualScanner = new UsualScanner()
  private readonly network: NetworkScanner
  private readonly transport: TransportScanner

  constructor() {
    const numbers = new NumberReader()
    this.network = new NetworkScanner(numbers)
    this.transport = new TransportScanner(numbers)
  }

  /** Scans from `SRC=` to `end`; returns `end`, or a refusal. The packet inside an ICMP error begins so as well. */
  scanPacket(bytes: Uint8Array, start: number, end: number, into: Packet): number {
    if (this.usual.scan(bytes, start, end, into)) return end
    const transport = this.network.scan(bytes, start, end, into)
    if (transport < 0) return transport
    const last = this.transport.scan(bytes, transport, end, into)
    if (last < 0) return last
    return this.isRecord || this.isWhole(into, end) ? end : CUT
  }

  /** Whether the line reached what the kernel always writes for this protocol. */
  private isWhole(packet: Packet, end: number): boolean {
    if (packet.incomplete || packet.fragmentOffset > 0) return true
    const isV4 = (this.network.addresses & V4_SPELT) !== 0
    switch (packet.proto) {
      case 6:
        return this.hasPorts(packet, end) && this.transport.urgent
      case 17:
        return this.hasPorts(packet, end) && packet.udpLen >= 0
      // ICMP over IPv6, and ICMPv6 over IPv4, are numbers to the kernel, and it looks no further.
      case 1:
        return !isV4 || this.isWholeIcmp(packet, end, isEcho(packet.icmpType), isError(packet.icmpType))
      case 58:
        return isV4 || this.isWholeIcmp(packet, end, (packet.icmpType | 1) === 129, packet.icmpType <= 4)
      default:
        return this.isWholeOther(packet, end)
    }
  }

  /** UDPLITE is a name to the kernel and a number to ulogd; SCTP, the other way round. Names have ports. */
  private isWholeOther(packet: Packet, end: number): boolean {
    const isNamed = (packet.proto === 136 || packet.proto === 132) && !this.network.isNumbered
    return isNamed || packet.spt >= 0 ? this.hasPorts(packet, end) : true
  }

  /** DPT= at the line's very end may have lost digits. */
  private hasPorts(packet: Packet, end: number): boolean {
    return packet.spt >= 0 && packet.dpt >= 0 && this.transport.portEnd !== end
  }

  private isWholeIcmp(packet: Packet, end: number, echoes: boolean, isAboutAnother: boolean): boolean {
    if (packet.icmpType < 0 || packet.icmpCode < 0) return false
    if (echoes) return packet.icmpId >= 0 && packet.icmpSeq >= 0
    return !isAboutAnother || packet.inner.start >= 0 || this.transport.codeEnd !== end
  }
}

/** Echo reply and request. */
function isEcho(icmpType: number): boolean {
  return icmpType === 0 || icmpType === 8
}

/** ICMP types that carry the packet they complain about: 3, 4, 5 and 11 (the kernel prints none for 12). */
function isError(icmpType: number): boolean {
  return (icmpType >= 3 && icmpType <= 5) || icmpType === 11
}
