/**
 * Targets: the hosts of one source, found by address; a row of words for each, psad's "pair".
 *
 * A few are searched one by one, the last one first since scanners stay at a host for a while; from the ninth on a
 * hash table of indices finds them. Rows move when the table grows: hold an index, never an offset.
 */
import type { Address, Packet } from '@picket/schemas'
import { HIGH_SEED, hashAddress } from '@picket/schemas'
import { growWords, newWords, type Words } from '../words.ts'

/** Offsets in a row. The host's four address words come first, the recent intervals last. */
export const FIELD = {
  packets: 4,
  /** Packets of protocols without ports, or whose ports the log does not tell. */
  portless: 5,
  /** Destination ports over TCP, UDP and UDPLITE together; -1 before the first. */
  lowest: 6,
  highest: 7,
  /** Time of the last packet, see `lastOf`. */
  lastHigh: 8,
  lastLow: 9,
  /** The first four distinct IP protocols, a byte each, and how many there are in all. */
  protocols: 10,
  protocolCount: 11,
  /** The newest CHECK_INTERVAL with packets. */
  interval: 12,
  /** Packets of the last intervals, by number modulo how many are kept. */
  recent: 13,
} as const

export interface Targets {
  words: Words
  count: number
  readonly stride: number
  /** The index that was asked for last. */
  last: number
  /** Indices plus one, 0 is free; null while there are few. */
  slots: Words | null
  /** What rows have no room for, by index; null while no row needs it. */
  pauses: Map<number, Pause> | null
  manyProtocols: Map<number, number[]> | null
}

/** The counts of one run of packets without a pause of SCAN_TIMEOUT. */
export interface Run {
  readonly packets: number
  readonly portless: number
  readonly lowest: number
  readonly highest: number
  readonly last: number
  readonly protocols: readonly number[]
}

/** A pause that a late packet may still bridge: the run before it, and the first packet after it. */
export interface Pause {
  readonly before: Run
  first: number
}

const FEW = 8

export function newTargets(intervals: number): Targets {
  const stride = FIELD.recent + intervals
  return {
    words: new Array<number>(stride).fill(0),
    count: 0,
    stride,
    last: 0,
    slots: null,
    pauses: null,
    manyProtocols: null,
  }
}

/** The index of the host, or -1. */
export function findTarget(targets: Targets, host: Address): number {
  if (targets.count > 0 && isHost(targets, targets.last, host)) return targets.last
  const index = targets.slots === null ? searchRows(targets, host) : searchSlots(targets, targets.slots, host)
  if (index >= 0) targets.last = index
  return index
}

/** The host must not be there yet. Its row is as it stands before the first packet. */
export function addTarget(targets: Targets, packet: Packet, time: number, interval: number): number {
  const index = targets.count++
  const at = index * targets.stride
  if (at === targets.words.length) targets.words = growWords(targets.words, at * 2)
  for (let i = 0; i < 4; i++) targets.words[at + i] = packet.dst[i] as number
  targets.words[at + FIELD.lowest] = -1
  targets.words[at + FIELD.highest] = -1
  targets.words[at + FIELD.interval] = interval
  setLast(targets, at, time)
  targets.last = index
  indexTarget(targets, index)
  return index
}

/** Enters a row into the hash table where there is one, or has become one by this row. */
export function indexTarget(targets: Targets, index: number): void {
  if (targets.count <= FEW) return
  if (targets.slots === null || targets.count * 2 > targets.slots.length) {
    targets.slots = newWords(Math.max(4 * FEW, (targets.slots?.length ?? 0) * 2))
    for (let i = 0; i < targets.count; i++) enterSlot(targets, targets.slots, i)
  } else enterSlot(targets, targets.slots, index)
}

export function hostOf(targets: Targets, index: number): Address {
  const at = index * targets.stride
  return Int32Array.from({ length: 4 }, (_, i) => targets.words[at + i] as number)
}

/** A time in ms takes two words of 30 bits: an int32 would end after 24 days. */
const WORD = 0x4000_0000

export function lastOf(targets: Targets, at: number): number {
  return (targets.words[at + FIELD.lastHigh] as number) * WORD + (targets.words[at + FIELD.lastLow] as number)
}

export function setLast(targets: Targets, at: number, time: number): void {
  const whole = Math.floor(time)
  const high = Math.floor(whole / WORD)
  targets.words[at + FIELD.lastHigh] = high
  targets.words[at + FIELD.lastLow] = whole - high * WORD
}

function isHost(targets: Targets, index: number, host: Address): boolean {
  const { words } = targets
  const at = index * targets.stride
  return (
    words[at + 3] === host[3] &&
    words[at + 2] === host[2] &&
    words[at + 1] === host[1] &&
    words[at] === host[0]
  )
}

function searchRows(targets: Targets, host: Address): number {
  for (let index = 0; index < targets.count; index++) if (isHost(targets, index, host)) return index
  return -1
}

function searchSlots(targets: Targets, slots: Words, host: Address): number {
  const mask = slots.length - 1
  let at = hashHost(host) & mask
  for (let index = slots[at] as number; index !== 0; index = slots[at] as number) {
    if (isHost(targets, index - 1, host)) return index - 1
    at = (at + 1) & mask
  }
  return -1
}

function enterSlot(targets: Targets, slots: Words, index: number): void {
  const mask = slots.length - 1
  const at = index * targets.stride
  for (let i = 0; i < 4; i++) scratch[i] = targets.words[at + i] as number
  let slot = hashHost(scratch) & mask
  while (slots[slot] !== 0) slot = (slot + 1) & mask
  slots[slot] = index + 1
}

/** One address for rehashing, so that growing allocates nothing else. */
const scratch: Address = new Int32Array(4)

/** The seed is public; MOST_HOSTS bounds what somebody who sweeps for collisions can cost. */
export function hashHost(host: Address): number {
  return hashAddress(host, HIGH_SEED)
}
