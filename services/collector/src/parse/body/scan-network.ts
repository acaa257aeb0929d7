/**
 * The network stage: from `SRC=` to behind PROTO=.
 *
 * Each address and number stands once; here, not at the line's end, it is settled that both addresses are there
 * and of one family. IPv6 extension headers are read as tokens of their own.
 */
import { FRAGMENT, type Packet } from '@picket/schemas'
import { BAD_ADDRESS, BAD_PROTOCOL, CUT, DUPLICATE_FIELD, NO_PROTOCOL } from '../outcome.ts'
import { scanBracket } from './bracket.ts'
import { protocolNumberOf } from './protocol-word.ts'
import { AddressReader, V4_SPELT } from './read-address.ts'
import type { NumberReader } from './read-number.ts'
import { behindBlanks, behindHex, behindToken, behindUnknown, isBefore, touchesEnd, wordAt } from './token.ts'

/** 40 octets of IPv6 header and the longest payload (RFC 8200 4.5). */
const MAX_LENGTH = 65_575

export class NetworkScanner {
  /** Bits: SRC= seen 1, DST= seen 2, and the families they were spelt in. */
  addresses = 0
  /** PROTO= was a number. */
  isNumbered = false
  private readonly numbers: NumberReader
  private readonly address: AddressReader = new AddressReader()
  /** Protocol of an IPv6 extension header behind which the kernel cannot look (ESP, AH), or 0. */
  private sealed = 0
  /** The last token closed an `OPT ( … )` of IPv6. */
  private closed = false

  constructor(numbers: NumberReader) {
    this.numbers = numbers
  }

  /** Returns the position behind PROTO='s value, or a refusal. */
  // biome-ignore lint/complexity: the token loop of every line; split up it costs a quarter of the speed
  scan(bytes: Uint8Array, start: number, end: number, into: Packet): number {
    this.addresses = 0
    this.sealed = 0
    this.closed = false
    let at = start
    while (end - at >= 4) {
      const word = wordAt(bytes, at)
      switch (word) {
        case 0x5352433d: // SRC=
          at = this.scanAddress(bytes, at + 4, end, into, 1)
          break
        case 0x4453543d: // DST=
          at = this.scanAddress(bytes, at + 4, end, into, 2)
          break
        case 0x4c454e3d: // LEN=
          at = into.len < 0 ? this.numbers.decimal(bytes, at + 4, end, MAX_LENGTH) : DUPLICATE_FIELD
          into.len = this.numbers.value
          break
        case 0x544f533d: // TOS=
          at = into.tos < 0 ? this.numbers.hexOctet(bytes, at + 4, end) : DUPLICATE_FIELD
          into.tos = this.numbers.value
          break
        case 0x50524543: // PREC=0x00
          at = at + 9 < end && bytes[at + 9] === 32 ? at + 10 : behindToken(bytes, at, end)
          break
        case 0x54544c3d: // TTL=
          at = into.ttl < 0 ? this.numbers.decimal(bytes, at + 4, end, 255) : DUPLICATE_FIELD
          into.ttl = this.numbers.value
          break
        case 0x484f504c: // HOPLIMIT=
          at = into.ttl < 0 ? this.numbers.decimal(bytes, at + 9, end, 255) : DUPLICATE_FIELD
          into.ttl = this.numbers.value
          break
        case 0x464c4f57: // FLOWLBL=
          at = this.numbers.decimal(bytes, at + 8, end, 0xfffff)
          break
        case 0x46524147: // FRAG:
          at = this.scanOffset(bytes, at + 5, end, into)
          break
        case 0x4f505420: // OPT
          at = this.scanIpOptions(bytes, at + 4, end, into)
          break
        case 0x50524f54: // PROTO=
          return this.scanProtocol(bytes, at + 6, end, into)
        default:
          at = this.scanNetworkWord(bytes, at, end, into, word)
      }
      if (at < 0) return at
    }
    return this.endWithoutProtocol(bytes, at, end, into)
  }

  /** The short words: `ID=7`, `TC=0`, `DF `, and those inside `OPT ( … )` of IPv6. */
  private scanNetworkWord(bytes: Uint8Array, at: number, end: number, into: Packet, word: number): number {
    switch (word >>> 8) {
      case 0x49443d: {
        // ID=
        const next = into.id < 0 ? this.numbers.decimal(bytes, at + 3, end, 0xffff) : DUPLICATE_FIELD
        into.id = this.numbers.value
        return next
      }
      case 0x54433d: {
        // TC=
        const next = into.tos < 0 ? this.numbers.decimal(bytes, at + 3, end, 255) : DUPLICATE_FIELD
        into.tos = this.numbers.value
        return next
      }
      case 0x444620: // DF
        into.fragment |= FRAGMENT.DF
        return at + 3
      case 0x4d4620: // MF
        into.fragment |= FRAGMENT.MF
        return at + 3
      case 0x434520: // CE
        into.fragment |= FRAGMENT.CE
        return at + 3
      default:
        return this.scanExtension(bytes, at, end, into, word)
    }
  }

  private scanExtension(bytes: Uint8Array, at: number, end: number, into: Packet, word: number): number {
    this.closed = false
    if (bytes[at] === 41 /* ) */) {
      this.closed = true
      return behindToken(bytes, at, end)
    }
    if (word === 0x45535020 /* ESP */) this.sealed = 50
    else if (word >>> 8 === 0x414820 /* AH */) this.sealed = 51
    else if (word === 0x494e434f /* INCOMPLETE */) {
      if (isBefore(bytes, at + 11, end, 91 /* [ */)) into.incomplete = true
      else into.fragment |= FRAGMENT.MF
    } else if (bytes[at] === 91) return scanBracket(bytes, at, end, into)
    return behindUnknown(bytes, at, end)
  }

  private scanAddress(bytes: Uint8Array, start: number, end: number, into: Packet, bit: number): number {
    if ((this.addresses & bit) !== 0) return DUPLICATE_FIELD
    const at = this.address.read(bytes, start, end, bit === 1 ? into.src : into.dst)
    if (at < 0) return touchesEnd(bytes, start, end) ? CUT : BAD_ADDRESS
    this.addresses |= bit | this.address.family
    return at + 1
  }

  private scanOffset(bytes: Uint8Array, start: number, end: number, into: Packet): number {
    const at = this.numbers.decimal(bytes, start, end, (this.addresses & V4_SPELT) !== 0 ? 8191 : 65_535)
    into.fragmentOffset = this.numbers.value
    return at
  }

  /** `OPT (hex) ` is IPv4; `OPT ( … ) ` names IPv6 extension headers, whose words are then read as tokens. */
  private scanIpOptions(bytes: Uint8Array, start: number, end: number, into: Packet): number {
    if (start + 1 >= end || bytes[start] !== 40 /* ( */) return start
    if (bytes[start + 1] === 32) return start + 2
    if (into.ipOptions.start >= 0) return DUPLICATE_FIELD
    const close = behindHex(bytes, start + 1, end)
    if (close >= end) return CUT
    if (bytes[close] !== 41 /* ) */) return behindToken(bytes, close, end)
    into.ipOptions.start = start + 1
    into.ipOptions.end = close
    return behindToken(bytes, close, end)
  }

  /** Position behind PROTO='s value. Only here is it settled that both addresses stand, in one family. */
  private scanProtocol(bytes: Uint8Array, start: number, end: number, into: Packet): number {
    if (!isBefore(bytes, start - 1, end, 61 /* = */))
      return touchesEnd(bytes, start - 6, end) ? CUT : BAD_PROTOCOL
    if ((this.addresses & 3) !== 3 || (this.addresses & 12) === 12) return BAD_ADDRESS
    const last = behindToken(bytes, start, end)
    const stop = bytes[last - 1] === 32 ? last - 1 : last
    const proto = protocolNumberOf(bytes, start, stop)
    if (proto < 0) return stop === end ? CUT : BAD_PROTOCOL
    this.isNumbered = (bytes[start] as number) < 58
    into.proto = proto
    return last
  }

  private endWithoutProtocol(bytes: Uint8Array, at: number, end: number, into: Packet): number {
    const bothV6 = (this.addresses & 15) === 11
    const closed = this.closed || isBefore(bytes, behindBlanks(bytes, at, end), end, 41 /* ) */)
    const isLast = this.sealed === 50 || into.incomplete || into.fragmentOffset > 0
    if (bothV6 && closed && isLast) {
      into.proto = this.sealed
      return this.sealed > 0 ? end : NO_PROTOCOL
    }
    return into.fragmentOffset > 0 && !bothV6 ? NO_PROTOCOL : CUT
  }
}
