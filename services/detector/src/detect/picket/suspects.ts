/**
 * Suspects: bare ACK and FIN+ACK packets of one source, which are the tail of a forgotten session or a scan.
 *
 * An honest client has a source port of its own for each session and few ports to talk to; a scanner keeps its
 * source port, or walks it in step, over many ports or hosts. The newest 64 (by event time, so that order does not
 * matter) are kept; what has once been corroborated stays so.
 */
import { type Address, type Packet, PROTOCOL } from '@picket/schemas'
import { type ByteReader, readTexts } from '../bytes/byte-reader.ts'
import { type ByteWriter, storeTexts } from '../bytes/byte-writer.ts'
import { MAX_REPORTERS, reportersOf, seeReporter } from '../scan.ts'
import { growWords, newWords, type Words } from '../words.ts'
import { EPHEMERAL } from './classify.ts'
import type { PicketPolicy } from './policy.ts'

export const MAX_SUSPECTS = 64

/** Words of a suspect: the host's four, source port << 16 | destination port, tick, technique bits, marks. */
const STRIDE = 8
const PORTS = 4
const TICK = 5
const TECHNIQUES = 6
const MARKS = 7

const TICK_MS = 2000
const TICKS_A_MINUTE = 30

/** Snapshots of before 0.2 have no reporters. */
type Packed = readonly [
  packets: number,
  firstSeen: number,
  lastSeen: number,
  words: number[],
  reporters?: readonly string[],
]

export type SuspectVisitor = (
  host: Address,
  shape: number,
  techniques: number,
  marks: number,
  minute: number,
) => void

export class Suspects {
  packets = 0
  firstSeen = 0
  lastSeen = 0
  reporters: string | string[] = ''
  private size = 0
  private words: Words = newWords(STRIDE)

  /** How many are kept. */
  get kept(): number {
    return this.size
  }

  /** True when this packet corroborates what is kept. */
  add(packet: Packet, technique: number, marks: number, time: number, policy: PicketPolicy): boolean {
    this.see(packet, time)
    const at = this.locate(packet)
    if (at < this.size * STRIDE) {
      this.refresh(at, technique, marks, time)
      return false
    }
    return this.take(packet, technique, marks, time) && this.isCorroborated(packet, policy.suspects)
  }

  hasHost(host: Address): boolean {
    for (let at = 0; at < this.size * STRIDE; at += STRIDE) if (this.isHost(at, host)) return true
    return false
  }

  each(visit: SuspectVisitor): void {
    const words = this.words
    for (let at = 0; at < this.size * STRIDE; at += STRIDE) {
      const host = Int32Array.from({ length: 4 }, (_, i) => words[at + i] as number)
      const minute = Math.floor((words[at + TICK] as number) / TICKS_A_MINUTE)
      const shape = (PROTOCOL.TCP << 16) | this.dptAt(at)
      visit(host, shape, words[at + TECHNIQUES] as number, words[at + MARKS] as number, minute)
    }
  }

  pack(): unknown {
    const words = Array.from(this.words.slice(0, this.size * STRIDE))
    return [this.packets, this.firstSeen, this.lastSeen, words, reportersOf(this)]
  }

  static unpack(packed: unknown): Suspects {
    const [packets, firstSeen, lastSeen, words, reporters] = packed as Packed
    const suspects = new Suspects()
    Object.assign(suspects, { packets, firstSeen, lastSeen, size: words.length / STRIDE })
    suspects.words = growWords(words, Math.max(words.length, STRIDE))
    for (const reporter of reporters ?? []) seeReporter(suspects, reporter)
    return suspects
  }

  store(into: ByteWriter): void {
    into.reserve(32)
    into.float64(this.packets)
    into.float64(this.firstSeen)
    into.float64(this.lastSeen)
    storeTexts(into, this.reporters)
    into.reserve(8)
    into.varint(this.size)
    into.words(this.words, 0, this.size * STRIDE)
  }

  static restore(reader: ByteReader): Suspects {
    const suspects = new Suspects()
    suspects.packets = reader.float64()
    suspects.firstSeen = reader.float64()
    suspects.lastSeen = reader.float64()
    suspects.reporters = readTexts(reader, MAX_REPORTERS)
    suspects.size = reader.count(MAX_SUSPECTS)
    suspects.words = growWords([], Math.max(STRIDE, roomFor(suspects.size)))
    reader.words(suspects.words, 0, suspects.size * STRIDE)
    return suspects
  }

  private see(packet: Packet, time: number): void {
    if (this.packets === 0 || time < this.firstSeen) this.firstSeen = time
    if (this.packets === 0 || time > this.lastSeen) this.lastSeen = time
    this.packets += packet.count
    seeReporter(this, packet.reporter)
  }

  /** Where the same host and ports stand, or the end. */
  private locate(packet: Packet): number {
    const ports = (packet.spt << 16) | packet.dpt
    let at = 0
    while (at < this.size * STRIDE && !(this.words[at + PORTS] === ports && this.isHost(at, packet.dst))) {
      at += STRIDE
    }
    return at
  }

  private refresh(at: number, technique: number, marks: number, time: number): void {
    const words = this.words
    words[at + TICK] = Math.max(words[at + TICK] as number, tickOf(time))
    words[at + TECHNIQUES] = (words[at + TECHNIQUES] as number) | (1 << technique)
    words[at + MARKS] = (words[at + MARKS] as number) | marks
  }

  /** Keeps a new suspect, at the cost of the oldest; false when it is older than all. */
  private take(packet: Packet, technique: number, marks: number, time: number): boolean {
    let at = this.size * STRIDE
    if (this.size < MAX_SUSPECTS) this.lengthen()
    else {
      at = this.oldest()
      if (!this.isYounger(packet, tickOf(time), at)) return false
    }
    for (let i = 0; i < 4; i++) this.words[at + i] = packet.dst[i] as number
    this.words[at + PORTS] = (packet.spt << 16) | packet.dpt
    this.words[at + TICK] = tickOf(time)
    this.words[at + TECHNIQUES] = 1 << technique
    this.words[at + MARKS] = marks
    return true
  }

  private lengthen(): void {
    const length = this.size * STRIDE
    if (length === this.words.length) this.words = growWords(this.words, length * 2)
    this.size++
  }

  private oldest(): number {
    let oldest = 0
    for (let at = STRIDE; at < this.size * STRIDE; at += STRIDE) {
      if (this.compare(at, oldest) < 0) oldest = at
    }
    return oldest
  }

  /** By time, then ports: a total order but for hosts, so that the same ones go whatever the order. */
  private compare(a: number, b: number): number {
    const age = (this.words[a + TICK] as number) - (this.words[b + TICK] as number)
    return age !== 0 ? age : (this.words[a + PORTS] as number) - (this.words[b + PORTS] as number)
  }

  private isYounger(packet: Packet, tick: number, at: number): boolean {
    const age = tick - (this.words[at + TICK] as number)
    return age > 0 || (age === 0 && ((packet.spt << 16) | packet.dpt) > (this.words[at + PORTS] as number))
  }

  private isHost(at: number, host: Address): boolean {
    const words = this.words
    return (
      words[at + 3] === host[3] &&
      words[at + 2] === host[2] &&
      words[at + 1] === host[1] &&
      words[at] === host[0]
    )
  }

  private sptAt(at: number): number {
    return (this.words[at + PORTS] as number) >>> 16
  }

  private dptAt(at: number): number {
    return (this.words[at + PORTS] as number) & 0xffff
  }

  /** Each question only grows more true with more suspects. */
  private isCorroborated(packet: Packet, limits: PicketPolicy['suspects']): boolean {
    if (!this.hasAlike(packet)) return false
    return (
      this.portsOfSourcePort(packet) >= limits.portsOfSourcePort ||
      this.portsInStep(packet) >= limits.portsInStep ||
      this.privilegedPorts(packet) >= limits.privilegedPorts ||
      this.hostsOfPorts(packet) >= limits.hosts
    )
  }

  /** A cheap look first: an honest client's packet shares nothing with the others. Itself counts twice. */
  private hasAlike({ spt, dpt }: Packet): boolean {
    let alike = 0
    for (let at = PORTS; at < this.size * STRIDE; at += STRIDE) {
      const ports = this.words[at] as number
      const other = ports & 0xffff
      if (ports >>> 16 === spt) alike++
      if (((other - (ports >>> 16) - dpt + spt) & 0xffff) === 0) alike++
      if (other < 1024 && other !== dpt) alike++
    }
    return alike > 2
  }

  /** Ports of the host that were asked from this very source port. */
  private portsOfSourcePort({ spt, dst }: Packet): number {
    return this.count((at) => {
      return this.sptAt(at) === spt && isScannersPair(spt, this.dptAt(at)) && this.isHost(at, dst)
    })
  }

  /** Ports of the host that lie as far from their source port as this one. */
  private portsInStep({ spt, dpt, dst }: Packet): number {
    const step = (dpt - spt) & 0xffff
    return this.count((at) => ((this.dptAt(at) - this.sptAt(at)) & 0xffff) === step && this.isHost(at, dst))
  }

  private privilegedPorts({ dst }: Packet): number {
    const ports = new Set<number>()
    for (let at = 0; at < this.size * STRIDE; at += STRIDE) {
      if (this.dptAt(at) < 1024 && this.isHost(at, dst)) ports.add(this.dptAt(at))
    }
    return ports.size
  }

  /** Hosts asked with just these two ports. Equal ports are some servers' habit among themselves. */
  private hostsOfPorts({ spt, dpt }: Packet): number {
    return spt === dpt ? 0 : this.count((at) => this.sptAt(at) === spt && this.dptAt(at) === dpt)
  }

  private count(isWanted: (at: number) => boolean): number {
    let count = 0
    for (let at = 0; at < this.size * STRIDE; at += STRIDE) if (isWanted(at)) count++
    return count
  }
}

/** A service that speaks to several of a client's ports is honest; so it is when both ports are of clients. */
function isScannersPair(spt: number, dpt: number): boolean {
  return dpt < 1024 || (spt >= EPHEMERAL && dpt < EPHEMERAL)
}

/** The words that `lengthen` would have made by then. */
function roomFor(size: number): number {
  return size < 2 ? STRIDE : STRIDE << (32 - Math.clz32(size - 1))
}

/** Two seconds, so that int32 lasts until 2106. */
function tickOf(time: number): number {
  return Math.floor(time / TICK_MS)
}
