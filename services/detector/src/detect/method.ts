/**
 * Method: a policy's way of folding packets into a scan and of judging it. The Detector drives it.
 *
 * A method is pure, `(scan, packet, policy) → scan`, but the scan is changed in place by its one owner, since
 * copying it for every packet would cost more than all the rest. A method holds no state about any source
 * outside its scan: scans are evicted, stored and restored one by one. It may lend scans memory, until `close`.
 */
import type { Incident, Packet } from '@picket/schemas'
import type { ByteWriter } from './bytes/byte-writer.ts'
import type { Observation } from './observation.ts'
import type { PicketPolicy } from './picket/policy.ts'

/** What every policy knows of one source prefix. Words and lanes are int32; times are ms. */
export interface Scan {
  /** The lowest address seen under the prefix. IPv4: the source itself; IPv6: words 0 and 1 are the /64. */
  word0: number
  word1: number
  word2: number
  word3: number
  /** The two lanes of the incident's id: hash of the prefix and its opening packet. */
  idHigh: number
  idLow: number
  firstSeen: number
  lastSeen: number
  /** Folded packets, repeats included. */
  packets: number
  /** Machines that logged them: one name, or the sorted list where there are several. */
  reporters: string | string[]
  /** The level that an assignment gives this source at least; 0 without one. */
  assigned: number
  /** The highest level of this story, set by `judge`. */
  level: number
  /** Bits by index in KINDS, set by `judge`. */
  kinds: number
  /** What has been told: the number of alerts, and the level and kinds of the last one. */
  revision: number
  toldLevel: number
  toldKinds: number
}

/** Bits of what `fold` says. */
export const FOLDED = {
  /** The judgement may have changed. */
  changed: 1,
  /** The packet is the source's first to this host and port, ICMP type or protocol. */
  contact: 2,
} as const

/** How much a scan is worth keeping when memory runs out; the lowest goes first. */
export type Tier = 0 | 1 | 2

export interface Method<S extends Scan = Scan> {
  /** Guards a snapshot against being restored under another policy. */
  readonly name: string
  /** By what its second stage judges many sources together; a policy without one knows single sources only. */
  readonly together?: PicketPolicy
  /** What the packet is by itself. Called for packets that no rule ignores. */
  classify(packet: Packet): Observation
  /** A scan as it stands before its first packet, which `fold` gets next. */
  open(packet: Packet, time: number): S
  /**
   * Folds a packet (`probe` or `suspect`); bits of FOLDED.
   * `time` stands in for `packet.time`, which may be NaN.
   */
  fold(scan: S, packet: Packet, observation: Observation, time: number): number
  /** Sets `level` and `kinds`. The Detector raises `level` to `assigned` afterwards. */
  judge(scan: S): void
  /** Whether a probe at this time begins a new story. */
  isOver(scan: S, time: number): boolean
  /** For how long after its last packet a scan is not over, in ms. */
  lasts(scan: S): number
  tier(scan: S): Tier
  /** Contacts that are remembered; exact while they are few. */
  contacts(scan: S): number
  /** Cold. Also right for a scan of level 0. */
  incident(scan: S): Incident
  /** Why the level is what it is, or what is missing; sentences with numbers. Cold. */
  reasons(scan: S): string[]
  /** A plain value that survives structured cloning and JSON, and back. Never shares memory with the scan. */
  pack(scan: S): unknown
  unpack(packed: unknown): S
  /** Of the bytes that `store` writes. */
  readonly format: number
  /** Appends to the writer's record. The same in fewer bytes as `pack`, and fast. */
  store(scan: S, into: ByteWriter): void
  /** Reads every format up to its own. undefined for bytes that are none of them. */
  restore(bytes: Uint8Array): S | undefined
  /** Told of a scan that nobody will ask for again, if the method lends its scans memory. */
  close?(scan: S): void
}
