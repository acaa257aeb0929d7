/**
 * LineParser: one line of any log we know into the one Packet that the caller owns.
 *
 * Envelope, then prefix up to `IN=`, then the body. It remembers nothing of a line but caches, whether
 * the last line was a packet ("last message repeated"), and so belongs to one stream. After any outcome
 * but 'packet' the fields of `into` mean nothing.
 */
import type { Packet, Verdict } from '@picket/schemas'
import { behindPhysIn, findBody } from './body/find-body.ts'
import { BodyScanner } from './body/scan-body.ts'
import { scanLink } from './body/scan-link.ts'
import { behindToken } from './body/token.ts'
import { Envelope } from './envelope/envelope.ts'
import type { ZoneOffset } from './envelope/local-time.ts'
import { BYTE_ORDER_MARK, REPEATS_LAST, spells } from './envelope/syslog-head.ts'
import { Interner } from './interner.ts'
import { MAX_LINE_BYTES } from './line-splitter.ts'
import { NOT_FIREWALL, type Outcome, reasonOf, TOO_LONG } from './outcome.ts'
import { type VerdictMap, verdictReader } from './verdict-words.ts'

export interface ParseOptions {
  /** ms since 1970: the file's time or now. BSD stamps have no year; they get the one nearest to it. */
  readonly reference: number
  /** For stamps that name no zone. */
  readonly zone: ZoneOffset
  /** ms since 1970, NaN when unknown: for stamps that count from boot (dmesg, /dev/kmsg). */
  readonly bootTime: number
  readonly verdicts: VerdictMap
}

interface Prefix {
  readonly text: string
  readonly verdict: Verdict
}

export class LineParser {
  private readonly envelope: Envelope
  private readonly body: BodyScanner = new BodyScanner()
  private readonly reporters: Interner<string> = new Interner((text) => text)
  private readonly ins: Interner<string> = new Interner((text) => text)
  private readonly outs: Interner<string> = new Interner((text) => text)
  private readonly prefixes: Interner<Prefix>
  /** The packet that the last line gave, if it gave one; nobody may have changed it since but in its time. */
  private last: Packet | undefined = undefined

  constructor(options: ParseOptions) {
    this.envelope = new Envelope(options.zone, options.reference, options.bootTime)
    const verdictOf = verdictReader(options.verdicts)
    this.prefixes = new Interner((text) => ({ text, verdict: verdictOf(text) }))
  }

  /** Moves the moment by which years are chosen; a process that runs for months calls this now and then. */
  refer(reference: number): void {
    this.envelope.local.refer(reference)
  }

  /** Parses `bytes[start,end)`, one line without its line end. Sets all of `into` but `input` and `offset`. */
  parse(bytes: Uint8Array, start: number, end: number, into: Packet): Outcome {
    const last = this.last
    this.last = undefined
    const refusal = this.read(bytes, start, end, into, last)
    if (refusal < 0) return reasonOf(refusal)
    this.last = into
    return 'packet'
  }

  private read(
    bytes: Uint8Array,
    start: number,
    end: number,
    into: Packet,
    last: Packet | undefined,
  ): number {
    const stop = behindText(bytes, start, end)
    const first = behindJunk(bytes, start, stop)
    if (stop - first > MAX_LINE_BYTES) return TOO_LONG
    const envelope = this.envelope
    const text = envelope.open(bytes, first, stop)
    if (text === REPEATS_LAST) return this.repeat(into, last)
    if (text < 0) return text
    if (envelope.source >= 0) return this.readKnown(into)
    const body = envelope.body >= 0 ? envelope.body : findBody(envelope.bytes, text, envelope.end)
    return body < 0 ? NOT_FIREWALL : this.readBody(text, body, into)
  }

  private readBody(text: number, body: number, into: Packet): number {
    const { bytes, end, hostBytes, hostStart, hostEnd, head, headStart, known } = this.envelope
    clear(into)
    const prefix = this.prefixes.find(bytes, text, body)
    into.prefix = prefix.text
    into.verdict = prefix.verdict
    into.reporter = this.reporters.find(hostBytes, hostStart, hostEnd)
    into.time = this.envelope.clock[0] as number
    into.count = this.envelope.count
    into.line = bytes
    into.body.start = body
    into.body.end = end
    const inEnd = behindToken(bytes, body + 3, end)
    into.in = this.ins.find(bytes, body + 3, inEnd - 1)
    const out = behindPhysIn(bytes, inEnd, end) + 4
    const outEnd = behindToken(bytes, out, end)
    into.out = bytes[outEnd - 1] === 32 ? this.outs.find(bytes, out, outEnd - 1) : ''
    const source = scanLink(bytes, outEnd, end, into)
    if (source < 0) return source
    if (headStart >= 0 && !head.isFolded) known.keep(bytes, headStart, text, source, into)
    this.body.isRecord = this.envelope.body >= 0
    return this.body.scanPacket(bytes, source, end, into)
  }

  /** The head was that of an earlier line. */
  private readKnown(into: Packet): number {
    const { bytes, end, source, known, clock } = this.envelope
    clear(into)
    known.copyTo(into, source)
    into.time = clock[0] as number
    into.count = 1
    into.line = bytes
    into.body.end = end
    this.body.isRecord = false
    return this.body.scanPacket(bytes, source, end, into)
  }

  /** The same packet once more. Its line is gone, so what is decoded from the line on demand is absent. */
  private repeat(into: Packet, last: Packet | undefined): number {
    if (last === undefined) return NOT_FIREWALL
    const { clock, head, hostBytes, hostStart, hostEnd } = this.envelope
    if (this.reporters.find(hostBytes, hostStart, hostEnd) !== last.reporter) return NOT_FIREWALL
    if (last !== into) takeOver(into, last)
    into.time = clock[0] as number
    into.count = head.count
    into.line = EMPTY
    into.body.start = 0
    into.body.end = 0
    clearSpans(into)
    return 0
  }
}

/** Where the line's text ends: before a carriage return. */
function behindText(bytes: Uint8Array, start: number, end: number): number {
  let stop = end
  while (stop > start && (bytes[stop - 1] === 13 || bytes[stop - 1] === 0)) stop--
  return stop
}

/** After a crash some file systems leave a run of NULs before the next line; some editors, a byte order mark. */
function behindJunk(bytes: Uint8Array, start: number, end: number): number {
  let first = start
  while (first < end && bytes[first] === 0) first++
  return spells(bytes, first, end, BYTE_ORDER_MARK) ? first + BYTE_ORDER_MARK.length : first
}

const EMPTY = new Uint8Array(0)

/** Cold. What the line says by its place, and where it lies, stays as it is. */
function takeOver(into: Packet, from: Packet): void {
  const { src, dst, input, offset, body, mac, tcpOptions, ipOptions, inner } = into
  src.set(from.src)
  dst.set(from.dst)
  Object.assign(into, from, { src, dst, input, offset, body, mac, tcpOptions, ipOptions, inner })
}

function clear(packet: Packet): void {
  packet.proto = -1
  packet.spt = -1
  packet.dpt = -1
  packet.flags = -1
  packet.icmpType = -1
  packet.icmpCode = -1
  packet.len = -1
  packet.ttl = -1
  packet.id = -1
  packet.tos = -1
  packet.window = -1
  packet.seq = -1
  packet.ack = -1
  packet.udpLen = -1
  packet.icmpId = -1
  packet.icmpSeq = -1
  packet.fragment = 0
  packet.fragmentOffset = -1
  packet.incomplete = false
  packet.toMany = false
  clearSpans(packet)
}

function clearSpans(packet: Packet): void {
  packet.mac.start = -1
  packet.mac.end = -1
  packet.tcpOptions.start = -1
  packet.tcpOptions.end = -1
  packet.ipOptions.start = -1
  packet.ipOptions.end = -1
  packet.inner.start = -1
  packet.inner.end = -1
}
