/**
 * Hardware addresses in the line: MAC= (dst, src, ethertype) or MACSRC= MACDST= MACPROTO=.
 *
 * Their lengths are fixed on Ethernet, so the scanner leaps over them after a look at the colons;
 * what the frame was addressed to is the one bit of them that detection needs.
 */
import type { Packet } from '@picket/schemas'
import { HEX } from './digits.ts'

/** Whether octets with colons fill [start, stop) and a blank follows, before `end`. */
export function isHardwareAddress(bytes: Uint8Array, start: number, stop: number, end: number): boolean {
  if (stop >= end || bytes[stop] !== 32) return false
  for (let at = start; at < stop; at += 3) {
    const digits = (HEX[bytes[at] as number] as number) | (HEX[bytes[at + 1] as number] as number)
    if (digits > 15) return false
    if (at + 2 < stop && bytes[at + 2] !== 58 /* : */) return false
  }
  return true
}

/** The I/G bit of the first octet (IEEE 802): a broadcast or multicast frame. */
export function isGroup(bytes: Uint8Array, start: number): boolean {
  const low = HEX[bytes[start + 1] as number] as number
  return low < 16 && (low & 1) === 1
}

/** Whether the frame's type is named, in full, and is neither IPv4 nor IPv6. */
export function isForeignFrame(bytes: Uint8Array, packet: Packet, lineEnd: number): boolean {
  const { start, end } = packet.mac
  const isDecoded = bytes[start] === 77 /* MACSRC= */
  if (start < 0 || end >= lineEnd || (!isDecoded && end - start !== 41)) return false
  const type = isDecoded ? text(bytes, end - 4, end) : text(bytes, end - 5, end).replace(':', '')
  return type !== '0800' && type !== '86dd' && !type.startsWith('81')
}

/** `dst:src:type` in 14 octets, whichever form the line has; '' when it has none. */
export function macText(packet: Packet): string {
  const { start, end } = packet.mac
  if (start < 0 || end <= start) return ''
  const bytes = packet.line
  if (bytes[start] !== 77 /* MACSRC= */) return text(bytes, start, end)
  const source = text(bytes, start + 7, start + 24)
  const target = text(bytes, start + 32, start + 49)
  return `${target}:${source}:${text(bytes, end - 4, end - 2)}:${text(bytes, end - 2, end)}`
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end))
}
