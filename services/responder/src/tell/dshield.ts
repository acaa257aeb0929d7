/**
 * DShield's form of firewall logs: a subject and one line of tabs a packet, as psad sends them.
 *
 * Only packets, never words: reporter and prefix stay here, as they say more about us than about the attacker.
 */
import { type Evidence, flagNames, PROTOCOL, protocolName } from '@picket/schemas'
import { isoTime } from './instant.ts'
import type { Notice } from './notice.ts'

export interface DshieldReport {
  readonly subject: string
  /** A line a packet. */
  readonly text: string
}

/** Undefined for what holds no packets. */
export function dshieldReport(notice: Notice, userId: string, version: string): DshieldReport | undefined {
  if (!('alert' in notice) || notice.kind === 'resolve' || notice.isAboutHosts) return undefined
  const lines = (notice.alert.evidence ?? []).map((packet) => packetLine(packet, userId))
  if (lines.length === 0) return undefined
  return {
    subject: `FORMAT DSHIELD USERID ${userId} TZ +00:00 Picket Version ${version}`,
    text: `${lines.join('\n')}\n`,
  }
}

function packetLine(packet: Evidence, userId: string): string {
  const isIcmp = packet.proto === PROTOCOL.ICMP || packet.proto === PROTOCOL.ICMPV6
  const [from, to] = isIcmp ? [packet.icmpType, packet.icmpCode] : [packet.spt, packet.dpt]
  const flags = packet.proto === PROTOCOL.TCP && packet.flags > 0 ? flagNames(packet.flags).join(',') : ''
  const time = `${isoTime(packet.time).replace('T', ' ').slice(0, 19)} +00:00`
  const proto = protocolName(packet.proto).toUpperCase()
  const fields = [time, userId, '1', packet.src, numbered(from), packet.dst, numbered(to), proto, flags]
  // An address is canonical, but the message came over the net: nothing may add a field or a line.
  return fields.map((field) => field.replace(/[^\x21-\x7e ]/g, '?')).join('\t')
}

function numbered(value: number): string {
  return value < 0 ? '' : String(value)
}
