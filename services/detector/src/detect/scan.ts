/**
 * The part of a scan that all policies share: whose it is, when it was seen, who logged it.
 *
 * All of it is made of sums, minima, maxima and unions, so packets may arrive in any order.
 */
import {
  type Address,
  HIGH_SEED,
  isV4,
  LOW_SEED,
  mix,
  type Packet,
  printAddress,
  stir,
  V4_MARK,
} from '@picket/schemas'
import type { Scan } from './method.ts'

/** More reporters than this are not named; the lexically first are kept, so order does not matter. */
export const MAX_REPORTERS = 64

/** A scan of the packet's source with nothing folded yet. */
export function newScan(packet: Packet): Scan {
  const src = packet.src
  return {
    word0: src[0] as number,
    word1: src[1] as number,
    word2: src[2] as number,
    word3: src[3] as number,
    idHigh: openingLane(packet, HIGH_SEED),
    idLow: openingLane(packet, LOW_SEED),
    firstSeen: 0,
    lastSeen: 0,
    packets: 0,
    reporters: '',
    assigned: 0,
    level: 0,
    kinds: 0,
    revision: 0,
    toldLevel: 0,
    toldKinds: 0,
  }
}

/** One lane of hash(prefix, position of the opening packet). */
export function openingLane(packet: Packet, seed: number): number {
  const src = packet.src
  const wide = !isV4(src)
  let h = stir(stir(seed, src[0] as number), src[1] as number)
  h = stir(stir(h, wide ? 0 : V4_MARK), wide ? 0 : (src[3] as number))
  h = stir(stir(h, packet.input), packet.offset | 0)
  return mix(stir(h, Math.floor(packet.offset / 0x1_0000_0000)))
}

/** Counts a packet into the shared part. */
export function seePacket(scan: Scan, packet: Packet, time: number): void {
  seeTime(scan, time, time)
  scan.packets += packet.count
  seeReporter(scan, packet.reporter)
  lowerAddress(scan, packet.src)
}

/** Widens the time the scan spans. Call it before the packets are counted. */
export function seeTime(scan: Scan, first: number, last: number): void {
  if (scan.packets === 0) {
    scan.firstSeen = first
    scan.lastSeen = last
    return
  }
  if (first < scan.firstSeen) scan.firstSeen = first
  if (last > scan.lastSeen) scan.lastSeen = last
}

/** What somebody logged: one name, or the sorted list where there are several. */
export interface Reported {
  reporters: string | string[]
}

export function seeReporter(scan: Reported, reporter: string): void {
  if (reporter === scan.reporters || reporter === '') return
  addReporter(scan, reporter)
}

function addReporter(scan: Reported, reporter: string): void {
  if (scan.reporters === '') scan.reporters = reporter
  else if (typeof scan.reporters === 'string') scan.reporters = [scan.reporters, reporter].sort()
  else insert(scan.reporters, reporter)
}

/** In the order of `sort`. Each packet of another host comes here, so the list is neither gone through nor sorted anew. */
function insert(sorted: string[], reporter: string): void {
  let from = 0
  let to = sorted.length
  while (from < to) {
    const middle = (from + to) >>> 1
    const there = sorted[middle] as string
    if (there === reporter) return
    if (there < reporter) from = middle + 1
    else to = middle
  }
  if (from === MAX_REPORTERS) return
  sorted.splice(from, 0, reporter)
  if (sorted.length > MAX_REPORTERS) sorted.pop()
}

/** Of the addresses under an IPv6 prefix the lowest stands for it. */
export function lowerAddress(scan: Scan, src: Address): void {
  const word2 = src[2] as number
  const word3 = src[3] as number
  if (word3 === scan.word3 && word2 === scan.word2) return
  const difference = (word2 >>> 0) - (scan.word2 >>> 0)
  if (difference > 0 || (difference === 0 && word3 >>> 0 > scan.word3 >>> 0)) return
  scan.word2 = word2
  scan.word3 = word3
}

export function isV4Scan(scan: Scan): boolean {
  return scan.word0 === 0 && scan.word1 === 0 && scan.word2 === V4_MARK
}

export function addressOf(scan: Scan): Address {
  return Int32Array.of(scan.word0, scan.word1, scan.word2, scan.word3)
}

/** 203.0.113.9/32 or 2001:db8:1:2::/64. */
export function prefixOf(scan: Scan): string {
  if (isV4Scan(scan)) return `${printAddress(addressOf(scan))}/32`
  return `${printAddress(Int32Array.of(scan.word0, scan.word1, 0, 0))}/64`
}

export function reportersOf(scan: Reported): string[] {
  if (typeof scan.reporters !== 'string') return [...scan.reporters]
  return scan.reporters === '' ? [] : [scan.reporters]
}
