/**
 * The usual line: TCP or UDP over IPv4, token for token as the kernel writes it, read straight on.
 *
 * It holds no rule of its own. Whatever it does not expect it leaves to the general scanner, which then reads the line;
 * so the packet is only written to once the line's end has come, and what is taken here the scanner would have taken.
 */
import { FRAGMENT, type Packet, setV4 } from '@picket/schemas'
import { HEX } from './digits.ts'
import { behindHex } from './token.ts'

/** More than can be read past the line's end before that is noticed: so much of the array must lie behind it. */
const MARGIN = 128
const BLANK = 32
/** 40 octets of IPv6 header and the longest payload, the general scanner's bound. */
const MAX_LENGTH = 65_575
/** No position, and no number. */
const NO = -1

export class UsualScanner {
  /** Behind the blank after what was read last, or NO. */
  private at = 0
  private src = 0
  private dst = 0
  private len = 0
  private tos = 0
  private ttl = 0
  private id = 0
  private fragment = 0
  private spt = 0
  private dpt = 0
  /** SEQ= and ACK=, -1 without. */
  private readonly wide: Float64Array = new Float64Array(2)
  private bytes: Uint8Array = new Uint8Array(0)
  /** Of the same memory: a key is one load, not four. */
  private words: DataView = new DataView(this.bytes.buffer)

  /** From `SRC=` to `end`; whether the line was a usual one, and the cleared `into` is set. */
  scan(bytes: Uint8Array, start: number, end: number, into: Packet): boolean {
    if (bytes.length - end < MARGIN) return false
    if (bytes !== this.bytes) this.look(bytes)
    const { words } = this
    const proto = this.scanNetwork(bytes, words, start)
    if (proto === NO || this.at > end || !this.scanPorts(bytes, words)) return false
    const isUsual =
      proto === 6 ? this.scanTcp(bytes, words, end, into) : this.scanUdp(bytes, words, end, into)
    if (!isUsual) return false
    setV4(into.src, this.src)
    setV4(into.dst, this.dst)
    into.len = this.len
    into.tos = this.tos
    into.ttl = this.ttl
    into.id = this.id
    into.fragment = this.fragment
    into.proto = proto
    into.spt = this.spt
    into.dpt = this.dpt
    return true
  }

  private look(bytes: Uint8Array): void {
    this.bytes = bytes
    this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** The protocol, with `at` behind it. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one question a token of nearly every line
  private scanNetwork(bytes: Uint8Array, words: DataView, start: number): number {
    if (words.getInt32(start) !== 0x5352433d /* SRC= */) return NO
    this.src = this.quad(bytes, start + 4)
    let at = this.at
    if (at < 0 || words.getInt32(at) !== 0x4453543d /* DST= */) return NO
    this.dst = this.quad(bytes, at + 4)
    at = this.at
    if (at < 0 || words.getInt32(at) !== 0x4c454e3d /* LEN= */) return NO
    this.len = this.number(bytes, at + 4)
    at = this.at
    if (at < 0 || this.len > MAX_LENGTH || words.getInt32(at) !== 0x544f533d /* TOS= */) return NO
    this.tos = octet(bytes, words, at + 4)
    // PREC= is not looked at: its value goes nowhere
    if (this.tos < 0 || words.getInt32(at + 9) !== 0x50524543 || bytes[at + 18] !== BLANK) return NO
    if (words.getInt32(at + 19) !== 0x54544c3d /* TTL= */) return NO
    this.ttl = this.number(bytes, at + 23)
    at = this.at
    if (at < 0 || this.ttl > 255 || words.getInt32(at) >>> 8 !== 0x49443d /* ID= */) return NO
    this.id = this.number(bytes, at + 3)
    at = this.at
    if (at < 0 || this.id > 0xffff) return NO
    const mayNotFragment = words.getInt32(at) >>> 8 === 0x444620 /* DF */
    this.fragment = mayNotFragment ? FRAGMENT.DF : 0
    return this.scanProtocol(words, mayNotFragment ? at + 3 : at)
  }

  private scanProtocol(words: DataView, at: number): number {
    if (words.getInt32(at) !== 0x50524f54 /* PROT */ || words.getInt16(at + 4) !== 0x4f3d /* O= */) return NO
    this.at = at + 10
    const name = words.getInt32(at + 6)
    if (name === 0x54435020 /* TCP */) return 6
    return name === 0x55445020 /* UDP */ ? 17 : NO
  }

  private scanPorts(bytes: Uint8Array, words: DataView): boolean {
    if (words.getInt32(this.at) !== 0x5350543d /* SPT= */) return false
    this.spt = this.number(bytes, this.at + 4)
    const at = this.at
    if (at < 0 || this.spt > 0xffff || words.getInt32(at) !== 0x4450543d /* DPT= */) return false
    this.dpt = this.number(bytes, at + 4)
    return this.at >= 0 && this.dpt <= 0xffff
  }

  private scanUdp(bytes: Uint8Array, words: DataView, end: number, into: Packet): boolean {
    if (words.getInt32(this.at) !== 0x4c454e3d /* LEN= */) return false
    const length = this.lastNumber(bytes, this.at + 4, end)
    if (this.at < end || length > 0xffff) return false
    into.udpLen = length
    return true
  }

  private scanTcp(bytes: Uint8Array, words: DataView, end: number, into: Packet): boolean {
    if (!this.scanSequence(bytes, words)) return false
    const window = this.scanWindow(bytes, words, this.at)
    if (this.at < 0 || window > 0xffff) return false
    const flags = this.scanFlags(words, this.at, end)
    if (this.at < 0 || this.lastNumber(bytes, this.at, end) > 0xffff || this.at < 0) return false
    if (this.at < end && !this.scanOptions(bytes, words, this.at, end, into)) return false
    into.seq = this.wide[0] as number
    into.ack = this.wide[1] as number
    into.window = window
    into.flags = flags
    return true
  }

  /** SEQ= and ACK= stand only in lines of rules that ask for them. */
  private scanSequence(bytes: Uint8Array, words: DataView): boolean {
    this.wide[0] = -1
    this.wide[1] = -1
    if (words.getInt32(this.at) !== 0x5345513d /* SEQ= */) return true
    this.wideNumber(bytes, this.at + 4, 0)
    if (this.at < 0 || words.getInt32(this.at) !== 0x41434b3d /* ACK= */) return false
    this.wideNumber(bytes, this.at + 4, 1)
    return this.at >= 0
  }

  /** The window, with `at` behind RES=, whose value goes nowhere. */
  private scanWindow(bytes: Uint8Array, words: DataView, start: number): number {
    if (words.getInt32(start) !== 0x57494e44 /* WIND */) return this.refuse()
    if (words.getInt16(start + 4) !== 0x4f57 || bytes[start + 6] !== 61 /* = */) return this.refuse()
    const window = this.number(bytes, start + 7)
    const at = this.at
    if (at < 0 || words.getInt32(at) !== 0x5245533d /* RES= */ || bytes[at + 8] !== BLANK)
      return this.refuse()
    this.at = at + 9
    return window
  }

  /** The flags, with `at` behind URGP=. */
  private scanFlags(words: DataView, start: number, end: number): number {
    let flags = 0
    let at = start
    for (let word = words.getInt32(at); word !== 0x55524750 /* URGP */; word = words.getInt32(at)) {
      const flag = flagOf(word)
      if (flag === 0 || at > end) return this.refuse()
      flags |= flag
      at += 4
    }
    this.at = words.getUint8(at + 4) === 61 /* = */ ? at + 5 : NO
    return flags
  }

  private scanOptions(bytes: Uint8Array, words: DataView, start: number, end: number, into: Packet): boolean {
    if (words.getInt32(start) !== 0x4f505420 /* OPT */ || bytes[start + 4] !== 40 /* ( */) return false
    const close = behindHex(bytes, start + 5, end)
    if (close >= end || bytes[close] !== 41 /* ) */) return false
    if (close + 1 !== end && (close + 2 !== end || bytes[close + 1] !== BLANK)) return false
    into.tcpOptions.start = start + 5
    into.tcpOptions.end = close
    return true
  }

  private refuse(): number {
    this.at = NO
    return NO
  }

  /** An address and a blank. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one pass over the bytes of two addresses a line
  private quad(bytes: Uint8Array, start: number): number {
    let word = 0
    let at = start
    for (let i = 0; i < 4; i++) {
      let octet = digitAt(bytes, at)
      if (octet > 9) return this.refuse()
      let digit = digitAt(bytes, at + 1)
      if (digit <= 9) {
        if (octet === 0) return this.refuse()
        octet = octet * 10 + digit
        at++
        digit = digitAt(bytes, at + 1)
        if (digit <= 9) {
          octet = octet * 10 + digit
          if (octet > 255) return this.refuse()
          at++
        }
      }
      if (bytes[at + 1] !== (i < 3 ? 46 /* . */ : BLANK)) return this.refuse()
      word = (word << 8) | octet
      at += 2
    }
    this.at = at
    return word
  }

  /** A number of at most six digits, and a blank. */
  private number(bytes: Uint8Array, start: number): number {
    let value = 0
    let at = start
    for (let digit = digitAt(bytes, at); digit <= 9; digit = digitAt(bytes, ++at)) {
      value = value * 10 + digit
      if (value > 99_999) return this.refuse()
    }
    if (at === start || bytes[at] !== BLANK) return this.refuse()
    this.at = at + 1
    return value
  }

  /** The same; the line may end instead of the blank, but not within the number. */
  private lastNumber(bytes: Uint8Array, start: number, end: number): number {
    let value = 0
    let at = start
    for (let digit = digitAt(bytes, at); digit <= 9; digit = digitAt(bytes, ++at)) {
      value = value * 10 + digit
      if (value > 99_999) return this.refuse()
    }
    if (at === start || at > end || (at < end && bytes[at] !== BLANK)) return this.refuse()
    this.at = at < end ? at + 1 : at
    return value
  }

  /** A number up to 2^32 - 1, and a blank: two halves, each a small integer, into an array, so that no float is boxed. */
  private wideNumber(bytes: Uint8Array, start: number, index: number): void {
    let high = 0
    let low = 0
    let at = start
    for (let digit = digitAt(bytes, at); digit <= 9; digit = digitAt(bytes, ++at)) {
      if (at - start < 5) high = high * 10 + digit
      else low = low * 10 + digit
      if (low > 99_999) break
    }
    const digits = at - start
    const value = digits > 5 ? high * (TENS[digits - 5] as number) + low : high
    this.wide[index] = value
    this.at = digits > 0 && digits <= 10 && value <= 0xffffffff && bytes[at] === BLANK ? at + 1 : NO
  }
}

/** Above 9 where no digit stands. */
function digitAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) - 48) >>> 0
}

/** The bit of a flag by the four bytes of its word and blank; 0 for any other word. */
function flagOf(word: number): number {
  switch (word) {
    case 0x53594e20: // SYN
      return 2
    case 0x41434b20: // ACK
      return 16
    case 0x52535420: // RST
      return 4
    case 0x46494e20: // FIN
      return 1
    case 0x50534820: // PSH
      return 8
    case 0x55524720: // URG
      return 32
    case 0x45434520: // ECE
      return 64
    case 0x43575220: // CWR
      return 128
    default:
      return 0
  }
}

/** `0x1F` and a blank; NO for anything else. */
function octet(bytes: Uint8Array, words: DataView, at: number): number {
  const high = HEX[bytes[at + 2] as number] as number
  const low = HEX[bytes[at + 3] as number] as number
  if (words.getInt16(at) !== 0x3078 /* 0x */ || (high | low) > 15 || bytes[at + 4] !== BLANK) return NO
  return (high << 4) | low
}

const TENS: Float64Array = new Float64Array([1, 10, 100, 1_000, 10_000, 100_000])
