/**
 * The link stage: from behind `OUT=…` to `SRC=`.
 *
 * Hardware addresses are leapt over by their length. Keys that are not known are stepped over, since kernels
 * add some (TUNNEL=, VPROTO=), but a line that never comes to SRC= holds no IP packet.
 */
import type { Packet } from '@picket/schemas'
import { BAD_ADDRESS, CUT, NOT_IP } from '../outcome.ts'
import { scanBracket } from './bracket.ts'
import { isForeignFrame, isGroup, isHardwareAddress } from './hardware-address.ts'
import { behindToken, behindUnknown, wordAt } from './token.ts'

/** The position of `SRC=`, or a refusal. */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: a token loop of every line
export function scanLink(bytes: Uint8Array, start: number, end: number, into: Packet): number {
  let at = start
  while (end - at >= 4) {
    switch (wordAt(bytes, at)) {
      case 0x5352433d: // SRC=
        return at
      case 0x4d414353: // MACSRC=
        into.mac.start = at
        at = isHardwareAddress(bytes, at + 7, at + 24, end) ? at + 25 : behindToken(bytes, at, end)
        break
      case 0x4d414344: // MACDST=
        if (isHardwareAddress(bytes, at + 7, at + 24, end)) {
          into.toMany = isGroup(bytes, at + 7)
          at += 25
        } else at = behindToken(bytes, at, end)
        break
      case 0x4d414350: // MACPROTO=
        at = behindToken(bytes, at, end)
        into.mac.end = bytes[at - 1] === 32 ? at - 1 : at
        break
      case 0x4d41433d: // MAC=
        at = scanMac(bytes, at + 4, end, into)
        break
      case 0x41525020: // ARP
        return NOT_IP
      case 0x4453543d: // DST=
      case 0x50524f54: // PROTO=
        return BAD_ADDRESS
      default:
        at = bytes[at] === 91 /* [ */ ? scanBracket(bytes, at, end, into) : behindUnknown(bytes, at, end)
        if (at < 0) return at
    }
  }
  return isForeignFrame(bytes, into, end) ? NOT_IP : CUT
}

/** dst, src and ethertype: 14 octets on Ethernet, other lengths on other links, nothing on a tunnel. */
function scanMac(bytes: Uint8Array, start: number, end: number, into: Packet): number {
  if (isHardwareAddress(bytes, start, start + 41, end)) {
    into.mac.start = start
    into.mac.end = start + 41
    into.toMany = isGroup(bytes, start)
    return start + 42
  }
  const at = behindToken(bytes, start, end)
  const last = bytes[at - 1] === 32 ? at - 1 : at
  if (last > start) {
    into.mac.start = start
    into.mac.end = last
  }
  return at
}
