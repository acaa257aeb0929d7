/**
 * SourceTable: the scan of each source prefix (IPv4 /32, IPv6 /64), bounded, found without making a key.
 *
 * Open addressing over the prefix words, and three lists by use, one a tier. What is pushed out is the least
 * recently seen of the lowest tier that has any: a million strangers cannot push out one who was seen twice.
 */
import { type Address, isV4 } from '@picket/schemas'
import { mix, stir } from './hash.ts'
import type { Scan, Tier } from './method.ts'
import { isV4Scan } from './scan.ts'

const TIERS = 3
/** Of a bucket: the hash and the slot + 1, 0 when empty. */
const BUCKET = 2

export class SourceTable<S extends Scan> {
  size = 0
  private readonly capacity: number
  private readonly seed: number
  private readonly scans: (S | undefined)[] = []
  private readonly free: number[] = []
  private buckets = new Int32Array(1024 * BUCKET)
  /** Neighbours by use and the tier of a slot; the first three slots are the lists' heads. */
  private older = Int32Array.from({ length: 1024 }, (_, i) => i)
  private newer = Int32Array.from({ length: 1024 }, (_, i) => i)
  private tiers = new Uint8Array(1024)

  constructor(capacity: number, seed: number) {
    this.capacity = Math.max(1, capacity)
    this.seed = seed
    for (let tier = 0; tier < TIERS; tier++) this.scans.push(undefined)
  }

  get isFull(): boolean {
    return this.size >= this.capacity
  }

  /** The source's slot, or -1. */
  find(source: Address): number {
    const hash = this.hashSource(source)
    const mask = this.buckets.length - 1
    for (let at = (hash * BUCKET) & mask; ; at = (at + BUCKET) & mask) {
      const slot = (this.buckets[at + 1] as number) - 1
      if (slot < 0) return -1
      if (this.buckets[at] === hash && isSource(this.scans[slot] as S, source)) return slot
    }
  }

  scanAt(slot: number): S {
    return this.scans[slot] as S
  }

  /** Takes in a source that is not there. Make room first. */
  add(source: Address, scan: S, tier: Tier): number {
    const slot = this.free.pop() ?? this.scans.length
    this.scans[slot] = scan
    this.makeRoom(slot)
    this.enter(this.hashSource(source), slot)
    this.size++
    this.tiers[slot] = tier
    this.link(slot, tier)
    return slot
  }

  remove(slot: number): void {
    this.unlink(slot)
    this.leave(slot)
    this.scans[slot] = undefined
    this.free.push(slot)
    this.size--
  }

  /** Makes the source the most recently seen of its tier. */
  touch(slot: number, tier: Tier): void {
    if (this.tiers[slot] === tier && this.newer[slot] === tier) return
    this.unlink(slot)
    this.tiers[slot] = tier
    this.link(slot, tier)
  }

  tierAt(slot: number): Tier {
    return this.tiers[slot] as Tier
  }

  /** The least recently seen source of a tier, or -1. */
  oldestOf(tier: Tier): number {
    const slot = this.newer[tier] as number
    return slot === tier ? -1 : slot
  }

  /** The source to push out next, or -1 when there is none. */
  cheapest(): number {
    for (let tier = 0; tier < TIERS; tier++) {
      const slot = this.oldestOf(tier as Tier)
      if (slot >= 0) return slot
    }
    return -1
  }

  /** All scans with their tiers, each tier from its least recently seen on. */
  *entries(): IterableIterator<[S, Tier]> {
    for (let tier = 0; tier < TIERS; tier++) {
      for (let slot = this.newer[tier] as number; slot !== tier; slot = this.newer[slot] as number) {
        yield [this.scanAt(slot), tier as Tier]
      }
    }
  }

  private hashSource(source: Address): number {
    const h = stir(stir(this.seed, source[0] as number), source[1] as number)
    return mix(isV4(source) ? stir(h, source[3] as number) : h)
  }

  private enter(hash: number, slot: number): void {
    const mask = this.buckets.length - 1
    let at = (hash * BUCKET) & mask
    while (this.buckets[at + 1] !== 0) at = (at + BUCKET) & mask
    this.buckets[at] = hash
    this.buckets[at + 1] = slot + 1
  }

  /** Deletes without tombstones: what follows moves up where it may. */
  private leave(slot: number): void {
    const buckets = this.buckets
    const mask = buckets.length - 1
    let hole = this.bucketOf(slot)
    for (let at = (hole + BUCKET) & mask; buckets[at + 1] !== 0; at = (at + BUCKET) & mask) {
      const home = ((buckets[at] as number) * BUCKET) & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      buckets[hole] = buckets[at] as number
      buckets[hole + 1] = buckets[at + 1] as number
      hole = at
    }
    buckets[hole + 1] = 0
  }

  private bucketOf(slot: number): number {
    const scan = this.scanAt(slot)
    const source = Int32Array.of(scan.word0, scan.word1, scan.word2, scan.word3)
    const mask = this.buckets.length - 1
    let at = (this.hashSource(source) * BUCKET) & mask
    while (this.buckets[at + 1] !== slot + 1) at = (at + BUCKET) & mask
    return at
  }

  private makeRoom(slot: number): void {
    if (slot >= this.older.length) {
      this.older = lengthen(this.older)
      this.newer = lengthen(this.newer)
      const tiers = new Uint8Array(this.older.length)
      tiers.set(this.tiers)
      this.tiers = tiers
    }
    if (this.size * 2 * BUCKET >= this.buckets.length) this.rehash()
  }

  private rehash(): void {
    const old = this.buckets
    this.buckets = new Int32Array(old.length * 2)
    for (let at = 0; at < old.length; at += BUCKET) {
      const slot = (old[at + 1] as number) - 1
      if (slot >= 0) this.enter(old[at] as number, slot)
    }
  }

  private link(slot: number, tier: number): void {
    const newest = this.older[tier] as number
    this.older[slot] = newest
    this.newer[slot] = tier
    this.newer[newest] = slot
    this.older[tier] = slot
  }

  private unlink(slot: number): void {
    const older = this.older[slot] as number
    const newer = this.newer[slot] as number
    this.newer[older] = newer
    this.older[newer] = older
  }
}

function lengthen(old: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(old.length * 2)
  longer.set(old)
  return longer
}

function isSource(scan: Scan, source: Address): boolean {
  if (scan.word0 !== source[0] || scan.word1 !== source[1]) return false
  return isV4(source) ? isV4Scan(scan) && scan.word3 === source[3] : !isV4Scan(scan)
}
