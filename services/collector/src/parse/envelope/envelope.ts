/**
 * Envelope: whatever carried the kernel's text to us, told apart by its first bytes, line by line.
 *
 * `open` leaves the text (prefix and body) as a range of `bytes`, which is the line itself or, for
 * JSON and coloured text, a scratch copy. A line of no known form is taken as bare, without a time.
 */

import { decimal, digitsEnd } from '../body/digits.ts'
import { findBody } from '../body/find-body.ts'
import { behindToken, isBefore } from '../body/token.ts'
import { BAD_TIME, NO_MATCH, NOT_FIREWALL } from '../outcome.ts'
import { JournalRecord } from './journal-record.ts'
import { behindStamp, stampMs } from './kernel-stamp.ts'
import { KnownHeads } from './known-heads.ts'
import { LocalTime, type ZoneOffset } from './local-time.ts'
import { Scratch } from './scratch.ts'
import { ascii, BYTE_ORDER_MARK, isKernelTag, isPid, SyslogHead, spells } from './syslog-head.ts'
import { UlogdRecord } from './ulogd-record.ts'

export class Envelope {
  /** ms since 1970, NaN where the envelope has none. */
  readonly clock: Float64Array = new Float64Array(1)
  readonly local: LocalTime
  readonly head: SyslogHead = new SyslogHead()
  /** The text lies in these bytes and ends there. */
  bytes: Uint8Array
  end = 0
  /** Where the body begins when the envelope knows it, else -1: then `IN=` is searched. */
  body = -1
  /** The reporter is a range of these bytes. */
  hostBytes: Uint8Array
  hostStart = 0
  hostEnd = 0
  count = 1
  /** Where a syslog head begins, the reporter first; -1 in other envelopes. */
  headStart = -1
  /** Where `SRC=` stands when the head is the known one, else -1. */
  source = -1
  readonly known: KnownHeads = new KnownHeads()
  private readonly bootTime: number
  private readonly scratch: Scratch = new Scratch()
  private readonly journal: JournalRecord
  private readonly ulogd: UlogdRecord

  constructor(zone: ZoneOffset, reference: number, bootTime: number) {
    this.local = new LocalTime(this.clock, zone, reference)
    this.bootTime = bootTime
    this.bytes = new Uint8Array(0)
    this.hostBytes = this.bytes
    this.journal = new JournalRecord(this.clock, this.scratch)
    this.ulogd = new UlogdRecord(this.clock, this.local, this.scratch)
  }

  /** Returns where the text begins in `this.bytes`, or a refusal. */
  open(bytes: Uint8Array, start: number, end: number): number {
    this.bytes = bytes
    this.hostBytes = bytes
    this.end = end
    this.hostStart = 0
    this.hostEnd = 0
    this.count = 1
    this.body = -1
    this.headStart = -1
    this.source = -1
    if (start >= end) return NOT_FIREWALL
    const first = bytes[start] as number
    if (first >= 65 && first <= 90) return this.openLetter(bytes, start, end, -1)
    return this.openOther(bytes, start, end, first)
  }

  private openOther(bytes: Uint8Array, start: number, end: number, first: number): number {
    if (first >= 48 && first <= 57) return this.openDigit(bytes, start, end, -1)
    switch (first) {
      case 91: // [
        return this.openBracket(bytes, start, end)
      case 60: // <
        return this.openPriority(bytes, start, end)
      case 123: // {
        return this.openJson(bytes, start, end)
      case 107: // k
        return this.openDecoded(bytes, start, end)
      case 27: // ESC
        return this.openColoured(bytes, start, end)
      default:
        return this.openBare(bytes, start, end)
    }
  }

  /** `Nov 23 15:22:05 host …`, `Mon 2026-11-23 15:22:05 UTC host …`, `Mon Nov 23 15:22:05 2026 …`. */
  private openLetter(bytes: Uint8Array, start: number, end: number, facility: number): number {
    const at = this.local.readBsd(bytes, start, end)
    if (at !== NO_MATCH) return at < 0 ? at : this.openHost(bytes, at, end, facility)
    if (!isBefore(bytes, start + 3, end, 32)) return this.openBare(bytes, start, end)
    const iso = this.local.readIso(bytes, start + 4, end)
    if (iso > 0) return this.openHost(bytes, this.behindZoneName(bytes, iso, end), end, facility)
    const ctime = this.local.readCtime(bytes, start + 4, end)
    if (ctime > 0) return this.openHost(bytes, ctime, end, facility)
    return iso === BAD_TIME || ctime === BAD_TIME ? BAD_TIME : this.openBare(bytes, start, end)
  }

  /** `journalctl -o short-full` names its zone; only UTC can be known from a name. */
  private behindZoneName(bytes: Uint8Array, at: number, end: number): number {
    if (spells(bytes, at, end, UTC)) this.local.takeAsUtc()
    return behindToken(bytes, at + 1, end) - 1
  }

  private openDigit(bytes: Uint8Array, start: number, end: number, facility: number): number {
    const at = this.local.readIso(bytes, start, end)
    if (at !== NO_MATCH) {
      // dmesg writes its fraction with a comma, and the text right behind
      const isDmesg = at > 0 && isBefore(bytes, start + 19, end, 44 /* , */)
      if (isDmesg) return this.openText(bytes, at + 1, end)
      return at < 0 ? at : this.openHost(bytes, at, end, facility)
    }
    const digits = digitsEnd(bytes, start, end)
    if (isBefore(bytes, digits, end, 44 /* , */)) return this.openRecord(bytes, start, end)
    if (isBefore(bytes, digits, end, 46 /* . */) && digits - start >= 9) {
      // journalctl -o short-unix
      const micros = digitsEnd(bytes, digits + 1, end)
      this.clock[0] =
        decimal(bytes, start, digits) * 1000 + decimal(bytes, digits + 1, Math.min(micros, digits + 4))
      return this.openHost(bytes, micros, end, facility)
    }
    return this.openBare(bytes, start, end)
  }

  /** A record of /dev/kmsg: `priority,sequence,microseconds,flags[,more];text`. */
  private openRecord(bytes: Uint8Array, start: number, end: number): number {
    const priority = digitsEnd(bytes, start, end)
    const sequence = digitsEnd(bytes, priority + 1, end)
    const micros = digitsEnd(bytes, sequence + 1, end)
    if (!isBefore(bytes, sequence, end, 44) || !isBefore(bytes, micros, end, 44))
      return this.openBare(bytes, start, end)
    let at = micros
    while (at < end && bytes[at] !== 59 /* ; */ && bytes[at] !== 32) at++
    if (!isBefore(bytes, at, end, 59)) return this.openBare(bytes, start, end)
    // Facility 0 is the kernel; any other was written into /dev/kmsg by a process.
    if (decimal(bytes, start, priority) > 7) return NOT_FIREWALL
    this.clock[0] = this.bootTime + Math.floor(decimal(bytes, sequence + 1, micros) / 1000)
    return this.openText(bytes, at + 1, end)
  }

  /** dmesg: `[  884.320171] `, `[Mon Nov 23 15:22:05 2026] `; else a prefix that opens with a bracket. */
  private openBracket(bytes: Uint8Array, start: number, end: number): number {
    const at = behindStamp(bytes, start, end)
    if (at > start) {
      this.clock[0] = this.bootTime + stampMs(bytes, start, end)
      return this.openMonotonic(bytes, at, end)
    }
    const ctime = isBefore(bytes, start + 4, end, 32) ? this.local.readCtime(bytes, start + 5, end) : NO_MATCH
    if (ctime === BAD_TIME) return BAD_TIME
    if (ctime > 0 && isBefore(bytes, ctime, end, 93 /* ] */)) return this.openText(bytes, ctime + 2, end)
    return this.openBare(bytes, start, end)
  }

  /** `journalctl -o short-monotonic` goes on with host and tag, dmesg with the text. */
  private openMonotonic(bytes: Uint8Array, at: number, end: number): number {
    const tag = behindToken(bytes, at, end)
    return isKernelTag(bytes, tag, end)
      ? this.openHost(bytes, at - 1, end, -1)
      : this.openText(bytes, at, end)
  }

  /** `<4>` before BSD, RFC 5424 or the kernel's own text. */
  private openPriority(bytes: Uint8Array, start: number, end: number): number {
    const close = digitsEnd(bytes, start + 1, Math.min(end, start + 4))
    if (close === start + 1 || !isBefore(bytes, close, end, 62 /* > */))
      return this.openBare(bytes, start, end)
    const facility = decimal(bytes, start + 1, close) >> 3
    const at = close + 1
    if (isBefore(bytes, at, end, 49 /* 1 */) && isBefore(bytes, at + 1, end, 32)) {
      return this.openRfc5424(bytes, at + 2, end, facility)
    }
    return this.openBehindPriority(bytes, at, end, facility)
  }

  private openBehindPriority(bytes: Uint8Array, start: number, end: number, facility: number): number {
    if (start >= end) return NOT_FIREWALL
    const first = bytes[start] as number
    if (first >= 65 && first <= 90) return this.openLetter(bytes, start, end, facility)
    if (first >= 48 && first <= 57) return this.openDigit(bytes, start, end, facility)
    if (facility > 0) return NOT_FIREWALL
    return first === 91 /* [ */ ? this.openBracket(bytes, start, end) : this.openBare(bytes, start, end)
  }

  /** `TIME HOST APP PROCID MSGID SD [MSG]` (RFC 5424 6), `-` where one is absent. */
  private openRfc5424(bytes: Uint8Array, start: number, end: number, facility: number): number {
    let at = behindToken(bytes, start, end)
    const time = this.local.readIso(bytes, start, end)
    if (time === NO_MATCH) this.clock[0] = Number.NaN
    else if (time < 0) return time
    this.hostStart = at
    at = behindToken(bytes, at, end)
    this.hostEnd =
      isBefore(bytes, this.hostStart, at, 45 /* - */) && at - this.hostStart === 2 ? this.hostStart : at - 1
    const isKernel = spells(bytes, at, end, KERNEL) && facility === 0
    if (!isKernel && !spells(bytes, at, end, ULOGD)) return NOT_FIREWALL
    for (let field = 0; field < 3; field++) at = behindToken(bytes, at, end)
    at = behindStructure(bytes, at, end)
    if (spells(bytes, at, end, BYTE_ORDER_MARK)) at += BYTE_ORDER_MARK.length
    return this.openText(bytes, at, end)
  }

  /** dmesg -x: `kern  :warn  : [  884.320171] …`. */
  private openDecoded(bytes: Uint8Array, start: number, end: number): number {
    if (!spells(bytes, start, end, KERN)) return this.openBare(bytes, start, end)
    let at = start + KERN.length
    const limit = Math.min(end, at + 12)
    while (at < limit && bytes[at] !== 58 /* : */) at++
    at += 2
    if (at >= limit || bytes[at - 1] !== 32) return this.openBare(bytes, start, end)
    const first = bytes[at] as number
    if (first >= 48 && first <= 57) return this.openDigit(bytes, at, end, 0)
    return this.openBracket(bytes, at, end)
  }

  private openJson(bytes: Uint8Array, start: number, end: number): number {
    let at = this.journal.read(bytes, start, end)
    const isJournal = at !== NO_MATCH
    if (!isJournal) at = this.ulogd.read(bytes, start, end)
    if (at < 0) return at === NO_MATCH ? NOT_FIREWALL : at
    const record = isJournal ? this.journal : this.ulogd
    this.bytes = this.scratch.bytes
    this.end = this.scratch.length
    this.hostStart = record.hostStart
    this.hostEnd = record.hostEnd
    if (!isJournal) {
      this.body = this.ulogd.body
      return at
    }
    return this.openText(this.bytes, at, this.end)
  }

  /** Terminal colours (dmesg --color=always) are taken out, and the rest is read again. */
  private openColoured(bytes: Uint8Array, start: number, end: number): number {
    this.scratch.clear()
    this.scratch.copyPlain(bytes, start, end)
    const plain = this.scratch.bytes
    const length = this.scratch.length
    if (length === 0 || plain[0] === 27 || plain[0] === 123) return NOT_FIREWALL
    return this.open(plain, 0, length)
  }

  private openHost(bytes: Uint8Array, blank: number, end: number, facility: number): number {
    if (facility <= 0) {
      this.headStart = blank + 1
      this.source = this.known.match(bytes, blank + 1, end)
      if (this.source >= 0) return this.source
    }
    const at = this.head.read(bytes, blank + 1, end, facility)
    this.hostStart = this.head.hostStart
    this.hostEnd = this.head.hostEnd
    this.end = this.head.end
    this.count = this.head.count
    return at
  }

  private openText(bytes: Uint8Array, start: number, end: number): number {
    const at = this.head.readText(bytes, start, end)
    this.end = this.head.end
    this.count = this.head.count
    return at
  }

  /** No envelope, or one we do not know: behind a `kernel: ` in it the kernel's text begins. */
  private openBare(bytes: Uint8Array, start: number, end: number): number {
    this.clock[0] = Number.NaN
    const last = findBody(bytes, start, end)
    if (last < 0) return NOT_FIREWALL
    for (let at = start; at < last; at++) {
      const opens = at === start || bytes[at - 1] === 32
      if (opens && isKernelTag(bytes, at, last)) return this.openText(bytes, at + 8, end)
      if (bytes[at] === 93 /* ] */ && isBefore(bytes, at + 1, last, 58 /* : */) && isPid(bytes, start, at)) {
        return NOT_FIREWALL
      }
    }
    return start
  }
}

/** Behind `-` or any number of `[id name="value"]`, where `"`, `\` and `]` are escaped in values. */
function behindStructure(bytes: Uint8Array, start: number, end: number): number {
  if (!isBefore(bytes, start, end, 91 /* [ */)) return behindToken(bytes, start, end)
  let quoted = false
  for (let at = start; at < end; at++) {
    const byte = bytes[at]
    if (byte === 92 /* \ */) at++
    else if (byte === 34 /* " */) quoted = !quoted
    else if (byte === 93 /* ] */ && !quoted && !isBefore(bytes, at + 1, end, 91)) return Math.min(at + 2, end)
  }
  return end
}

const KERNEL = ascii('kernel ')
const ULOGD = ascii('ulogd ')
const KERN = ascii('kern  :')
const UTC = ascii(' UTC ')
