/**
 * A packet as one line for people: when, verdict, where it came in, from whom to whom, what it was.
 */
import type { UnparsedReason } from '@picket/collector'
import { flagNames, type Packet, PROTOCOL, printAddress, protocolName, safeText } from '@picket/schemas'
import { clip } from '../terminal/layout.ts'
import { printTime, type Zone } from '../zone.ts'

export interface LineForm {
  readonly packet: (packet: Packet) => string
  readonly unparsed: (reason: UnparsedReason, line: Uint8Array) => string
}

const NO_TIME = '-------------------'
const LINE_SHOWN = 100

export function printPacketLine(zone: Zone): LineForm {
  return {
    packet: (packet) => {
      const time = Number.isNaN(packet.time) ? NO_TIME : printTime(zone, packet.time)
      return [time, verdictText(packet), describeFlow(packet), describeHeader(packet)].join('  ')
    },
    unparsed: (reason, line) =>
      `-- ${reason}: ${clip(safeText(Buffer.from(line).toString('utf8')), LINE_SHOWN)}`,
  }
}

function verdictText(packet: Packet): string {
  return `${packet.verdict.padEnd(7)} ${safeText(packet.in === '' ? `>${packet.out}` : packet.in).padEnd(6)}`
}

/** `203.0.113.9:4711 → 10.0.0.5:22`; IPv6 in brackets where a port follows. */
export function describeFlow(packet: Packet): string {
  return `${endpoint(packet.src, packet.spt)} → ${endpoint(packet.dst, packet.dpt)}`
}

export function endpoint(address: Int32Array, port: number): string {
  const text = printAddress(address)
  if (port < 0) return text
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`
}

/** `tcp SYN`, `icmp 8/0`, `udp`. */
export function describeHeader(packet: Packet): string {
  const name = packet.proto < 0 ? 'unnamed' : protocolName(packet.proto)
  if (packet.proto === PROTOCOL.TCP && packet.flags >= 0) {
    const flags = flagNames(packet.flags).join('+')
    return `${name} ${flags === '' ? 'no flags' : flags}`
  }
  return packet.icmpType >= 0 ? `${name} ${packet.icmpType}/${packet.icmpCode}` : name
}
