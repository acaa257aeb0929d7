/**
 * The transport stage: from behind PROTO= to the line's end.
 *
 * `ACK=0` is a number and `ACK ` a flag; flags count only between WINDOW= and URGP=. SEQ= and ID= belong to
 * an ICMP echo once TYPE= has been read.
 */
import type { Packet } from '@picket/schemas'
import { DUPLICATE_FIELD } from '../outcome.ts'
import { scanBracket } from './bracket.ts'
import type { NumberReader } from './read-number.ts'
import { behindHex, behindToken, behindUnknown, wordAt } from './token.ts'

export class TransportScanner {
  /** URGP= has been read, the last of what every TCP line has. */
  urgent = false
  /** Where the digits of CODE= and of DPT= end, to tell whether the line was cut there. */
  codeEnd = -1
  portEnd = -1
  private readonly numbers: NumberReader

  constructor(numbers: NumberReader) {
    this.numbers = numbers
  }

  /** Returns a position, or a refusal. */
  // biome-ignore lint/complexity: the token loop of every line; split up it costs a quarter of the speed
  scan(bytes: Uint8Array, start: number, end: number, into: Packet): number {
    this.urgent = false
    this.codeEnd = -1
    this.portEnd = -1
    let at = start
    while (end - at >= 4) {
      const word = wordAt(bytes, at)
      switch (word) {
        case 0x5350543d: // SPT=
          at = into.spt < 0 ? this.numbers.decimal(bytes, at + 4, end, 0xffff) : DUPLICATE_FIELD
          into.spt = this.numbers.value
          break
        case 0x4450543d: // DPT=
          at = into.dpt < 0 ? this.numbers.decimal(bytes, at + 4, end, 0xffff) : DUPLICATE_FIELD
          into.dpt = this.numbers.value
          this.portEnd = at - 1
          break
        case 0x5345513d: // SEQ=
          at = this.scanSequence(bytes, at + 4, end, into)
          break
        case 0x41434b3d: // ACK=
          at = into.ack < 0 ? this.numbers.wideDecimal(bytes, at + 4, end) : DUPLICATE_FIELD
          into.ack = this.numbers.wide[0] as number
          break
        case 0x57494e44: // WINDOW=
          at = into.window < 0 ? this.numbers.decimal(bytes, at + 7, end, 0xffff) : DUPLICATE_FIELD
          into.window = this.numbers.value
          into.flags = 0
          break
        case 0x5245533d: // RES=0x00
          at = at + 8 < end && bytes[at + 8] === 32 ? at + 9 : behindToken(bytes, at, end)
          break
        case 0x53594e20: // SYN
          at = this.flag(at, into, 2)
          break
        case 0x41434b20: // ACK
          at = this.flag(at, into, 16)
          break
        case 0x52535420: // RST
          at = this.flag(at, into, 4)
          break
        case 0x46494e20: // FIN
          at = this.flag(at, into, 1)
          break
        case 0x50534820: // PSH
          at = this.flag(at, into, 8)
          break
        case 0x55524720: // URG
          at = this.flag(at, into, 32)
          break
        case 0x45434520: // ECE
          at = this.flag(at, into, 64)
          break
        case 0x43575220: // CWR
          at = this.flag(at, into, 128)
          break
        case 0x55524750: // URGP=
          at = this.urgent ? DUPLICATE_FIELD : this.numbers.decimal(bytes, at + 5, end, 0xffff)
          this.urgent = true
          break
        case 0x4f505420: // OPT
          at = this.scanTcpOptions(bytes, at + 4, end, into)
          break
        case 0x4c454e3d: // LEN=
          at = into.udpLen < 0 ? this.numbers.decimal(bytes, at + 4, end, 0xffff) : DUPLICATE_FIELD
          into.udpLen = this.numbers.value
          break
        default:
          at = this.scanTransportWord(bytes, at, end, into, word)
      }
      if (at < 0) return at
    }
    return at
  }

  private scanTransportWord(bytes: Uint8Array, at: number, end: number, into: Packet, word: number): number {
    let next = at
    switch (word) {
      case 0x54595045: // TYPE=
        next = into.icmpType < 0 ? this.numbers.decimal(bytes, at + 5, end, 255) : DUPLICATE_FIELD
        into.icmpType = this.numbers.value
        return next
      case 0x434f4445: // CODE=
        next = into.icmpCode < 0 ? this.numbers.decimal(bytes, at + 5, end, 255) : DUPLICATE_FIELD
        into.icmpCode = this.numbers.value
        this.codeEnd = next - 1
        return next
      case 0x494e434f: // INCOMPLETE
        into.incomplete = true
        return behindToken(bytes, at, end)
      case 0x5352433d: // SRC=
      case 0x4453543d: // DST=
      case 0x50524f54: // PROTO=
        return DUPLICATE_FIELD
    }
    if (word >>> 8 === 0x49443d /* ID= */) return this.scanEchoId(bytes, at + 3, end, into)
    if (bytes[at] === 91 /* [ */) return scanBracket(bytes, at, end, into)
    return behindUnknown(bytes, at, end)
  }

  private scanEchoId(bytes: Uint8Array, start: number, end: number, into: Packet): number {
    if (into.icmpId >= 0) return DUPLICATE_FIELD
    const at = this.numbers.decimal(bytes, start, end, 0xffff)
    into.icmpId = this.numbers.value
    return at
  }

  private scanSequence(bytes: Uint8Array, start: number, end: number, into: Packet): number {
    if (into.icmpType >= 0) {
      const at = into.icmpSeq < 0 ? this.numbers.decimal(bytes, start, end, 0xffff) : DUPLICATE_FIELD
      into.icmpSeq = this.numbers.value
      return at
    }
    const at = into.seq < 0 ? this.numbers.wideDecimal(bytes, start, end) : DUPLICATE_FIELD
    into.seq = this.numbers.wide[0] as number
    return at
  }

  private flag(at: number, into: Packet, bit: number): number {
    if (into.flags >= 0 && !this.urgent) into.flags |= bit
    return at + 4
  }

  private scanTcpOptions(bytes: Uint8Array, start: number, end: number, into: Packet): number {
    if (into.tcpOptions.start >= 0) return DUPLICATE_FIELD
    if (start >= end || bytes[start] !== 40 /* ( */) return start
    const close = behindHex(bytes, start + 1, end)
    if (close < end && bytes[close] === 41 /* ) */) {
      into.tcpOptions.start = start + 1
      into.tcpOptions.end = close
    }
    return behindToken(bytes, close, end)
  }
}
