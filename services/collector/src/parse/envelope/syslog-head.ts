/**
 * What stands between a syslog stamp and the kernel's text: host, tag, the kernel's stamp.
 *
 * The tag decides whom the text comes from. Under any tag but the kernel's and ulogd's it is written by
 * a program that may be repeating what an attacker sent it, so it is refused however much it
 * looks like a firewall line. LOGEMU has no tag at all.
 */

import { decimal, digitsEnd } from '../body/digits.ts'
import { behindBlanks, behindToken, isBefore, wordAt } from '../body/token.ts'
import { BAD_NUMBER, NOT_FIREWALL } from '../outcome.ts'
import { behindStamp } from './kernel-stamp.ts'

/** The line repeats the one before it ("last message repeated 3 times"). */
export const REPEATS_LAST = -101

const MAX_HOST = 255
const MAX_REPEATS = 1_000_000_000

export class SyslogHead {
  hostStart = 0
  hostEnd = 0
  /** The packet's count, where the daemon has folded lines; the text then ends at `end`. */
  count = 1
  end = 0
  /** The text stands within `message repeated 3 times: [ … ]`. */
  isFolded = false

  /** From the host on; returns where the prefix begins, or a refusal. `facility` is -1 when not known. */
  read(bytes: Uint8Array, start: number, end: number, facility: number): number {
    this.hostStart = start
    const tag = behindToken(bytes, start, Math.min(end, start + MAX_HOST))
    if (!isBefore(bytes, tag - 1, end, 32)) return NOT_FIREWALL
    // logread names the facility where others name the host
    this.hostEnd = spells(bytes, start, end, KERN) ? start : tag - 1
    if (isKernelTag(bytes, tag, end)) return facility > 0 ? NOT_FIREWALL : this.readText(bytes, tag + 8, end)
    if (isKernelTag(bytes, start, end)) {
      this.hostEnd = start
      return facility > 0 ? NOT_FIREWALL : this.readText(bytes, start + 8, end)
    }
    return this.readTag(bytes, tag, end)
  }

  /** The kernel's text: its stamp, and what rsyslog puts around a repeated line. */
  readText(bytes: Uint8Array, start: number, end: number): number {
    this.count = 1
    this.end = end
    this.isFolded = false
    if (isBefore(bytes, start, end, 91 /* [ */)) return behindStamp(bytes, start, end)
    if (isBefore(bytes, start, end, 108 /* l */) && spells(bytes, start, end, LAST_REPEATED)) {
      return this.readCount(bytes, start + LAST_REPEATED.length, end) < 0 ? BAD_NUMBER : REPEATS_LAST
    }
    if (isBefore(bytes, start, end, 109 /* m */) && spells(bytes, start, end, REPEATED)) {
      return this.readRepeated(bytes, start + REPEATED.length, end)
    }
    return start
  }

  private readRepeated(bytes: Uint8Array, start: number, end: number): number {
    this.isFolded = true
    const at = this.readCount(bytes, start, end)
    if (at < 0 || !spells(bytes, at, end, TIMES)) return BAD_NUMBER
    const first = behindBlanks(bytes, at + TIMES.length, end)
    let last = end
    while (last > first && bytes[last - 1] === 32) last--
    this.end = bytes[last - 1] === 93 /* ] */ ? last - 1 : end
    return behindStamp(bytes, first, this.end)
  }

  private readCount(bytes: Uint8Array, start: number, end: number): number {
    const at = digitsEnd(bytes, start, Math.min(end, start + 10))
    const count = decimal(bytes, start, at)
    if (at === start || count < 1 || count > MAX_REPEATS) return BAD_NUMBER
    this.count = count
    return at
  }

  private readTag(bytes: Uint8Array, start: number, end: number): number {
    if (spells(bytes, start, end, LAST_REPEATED) || spells(bytes, start, end, REPEATED)) {
      return this.readText(bytes, start, end)
    }
    const last = behindToken(bytes, start, end)
    if (spells(bytes, start, end, ULOGD)) return this.readText(bytes, last, end)
    // busybox syslogd: `host kern.warn kernel: …`
    if (spells(bytes, start, end, KERN)) {
      return isKernelTag(bytes, last, end) ? this.readText(bytes, last + 8, end) : NOT_FIREWALL
    }
    this.count = 1
    this.end = end
    this.isFolded = false
    if (isProgramTag(bytes, start, last, end)) return NOT_FIREWALL
    // `daemon.info app: …`
    return isProgramTag(bytes, last, behindToken(bytes, last, end), end) ? NOT_FIREWALL : start
  }
}

export function isKernelTag(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    end - at >= 8 &&
    wordAt(bytes, at) === 0x6b65726e /* kern */ &&
    wordAt(bytes, at + 4) === 0x656c3a20 /* el:  */
  )
}

/** `sshd[812]:`, `sudo:`. A word with a colon is LOGEMU's prefix only where `IN=` follows at once. */
function isProgramTag(bytes: Uint8Array, start: number, behind: number, end: number): boolean {
  const last = behind < end || bytes[end - 1] === 32 ? behind - 1 : behind
  const hasColon = bytes[last - 1] === 58 /* : */
  const close = hasColon ? last - 2 : last - 1
  if (close > start && bytes[close] === 93 /* ] */ && isPid(bytes, start, close)) return true
  return hasColon && !spells(bytes, behind, end, IN)
}

/** Whether digits stand between `name[` and `close`. */
export function isPid(bytes: Uint8Array, start: number, close: number): boolean {
  let at = close - 1
  while (at > start && (bytes[at] as number) >= 48 && (bytes[at] as number) <= 57) at--
  return at < close - 1 && at > start && bytes[at] === 91 /* [ */
}

export function spells(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start < word.length) return false
  for (let i = 0; i < word.length; i++) {
    if (bytes[start + i] !== word[i]) return false
  }
  return true
}

/** The bytes of an ASCII word, for `spells`. */
export function ascii(word: string): Uint8Array {
  return Uint8Array.from(word, (letter) => letter.charCodeAt(0))
}

const LAST_REPEATED = ascii('last message repeated ')
const REPEATED = ascii('message repeated ')
const TIMES = ascii(' times: [')
const ULOGD = ascii('ulogd')
const KERN = ascii('kern.')
const IN = ascii('IN=')

/** U+FEFF in UTF-8: opens files of some editors, and messages of RFC 5424. */
export const BYTE_ORDER_MARK: Uint8Array = Uint8Array.of(0xef, 0xbb, 0xbf)
