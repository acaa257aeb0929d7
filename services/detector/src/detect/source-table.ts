/**
 * SourceTable: the scan of each source prefix (IPv4 /32, IPv6 /64), bounded, found without making a key.
 *
 * Open addressing over the prefix words, and three lists by use, one a tier. What is pushed out is the least
 * recently seen of the lowest tier that has any: a million strangers cannot push out one who was seen twice.
 */
import { type Address, isV4, mix, stir } from '@picket/schemas'
import type { Scan, Tier } from './method.ts'

const TIERS = 3
/** Words of a bucket: the slot + 1 (0 when empty), the hash, and the prefix in two words. */
const BUCKET = 4
const HASH = 1
const PREFIX = 2
/** Words of a slot's link: its neighbours by use, its tier, its hash. */
const LINK = 4
const OLDER = 0
const NEWER = 1
const TIER = 2
const LINK_HASH = 3
/** The lowest bit of a hash tells IPv6 from IPv4. */
const WIDE = 1

export class SourceTable<S extends Scan> {
  size = 0
  private readonly capacity: number
  private readonly seed: number
  private readonly scans: (S | undefined)[] = []
  private readonly free: number[] = []
  private buckets = new Int32Array(1024 * BUCKET)
  /** The first three slots are the lists' heads. */
  private links = new Int32Array(1024 * LINK)

  constructor(capacity: number, seed: number) {
    this.capacity = Math.max(1, capacity)
    this.seed = seed
    for (let tier = 0; tier < TIERS; tier++) {
      this.scans.push(undefined)
      this.links[tier * LINK + OLDER] = tier
      this.links[tier * LINK + NEWER] = tier
    }
  }

  get isFull(): boolean {
    return this.size >= this.capacity
  }

  /** The source's slot, or -1. */
  find(source: Address): number {
    const wide = !isV4(source)
    const first = (wide ? source[0] : source[3]) as number
    const second = wide ? (source[1] as number) : 0
    const hash = this.hashPrefix(first, second, wide)
    const buckets = this.buckets
    const mask = buckets.length - BUCKET
    for (let at = homeOf(hash, mask); ; at = (at + BUCKET) & mask) {
      const slot = (buckets[at] as number) - 1
      if (slot < 0) return -1
      const isSame = buckets[at + PREFIX] === first && buckets[at + PREFIX + 1] === second
      if (isSame && buckets[at + HASH] === hash) return slot
    }
  }

  scanAt(slot: number): S {
    return this.scans[slot] as S
  }

  /** Gives the source another scan. */
  replace(slot: number, scan: S): void {
    this.scans[slot] = scan
  }

  /** Takes in a source that is not there. Make room first. */
  add(source: Address, scan: S, tier: Tier): number {
    const slot = this.free.pop() ?? this.scans.length
    this.scans[slot] = scan
    this.makeRoom(slot)
    const wide = !isV4(source)
    const first = (wide ? source[0] : source[3]) as number
    const second = wide ? (source[1] as number) : 0
    const hash = this.hashPrefix(first, second, wide)
    this.enter(slot, hash, first, second)
    this.links[slot * LINK + LINK_HASH] = hash
    this.size++
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
    if (this.links[slot * LINK + NEWER] === tier) return
    this.unlink(slot)
    this.link(slot, tier)
  }

  tierAt(slot: number): Tier {
    return this.links[slot * LINK + TIER] as Tier
  }

  /** The least recently seen source of a tier, or -1. */
  oldestOf(tier: Tier): number {
    const slot = this.links[tier * LINK + NEWER] as number
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
      let slot = this.links[tier * LINK + NEWER] as number
      while (slot !== tier) {
        yield [this.scanAt(slot), tier as Tier]
        slot = this.links[slot * LINK + NEWER] as number
      }
    }
  }

  private hashPrefix(first: number, second: number, wide: boolean): number {
    const hash = mix(stir(stir(this.seed, first), second))
    return wide ? hash | WIDE : hash & ~WIDE
  }

  private enter(slot: number, hash: number, first: number, second: number): void {
    const buckets = this.buckets
    const mask = buckets.length - BUCKET
    let at = homeOf(hash, mask)
    while (buckets[at] !== 0) at = (at + BUCKET) & mask
    buckets[at] = slot + 1
    buckets[at + HASH] = hash
    buckets[at + PREFIX] = first
    buckets[at + PREFIX + 1] = second
  }

  /** Deletes without tombstones: what follows moves up where it may. */
  private leave(slot: number): void {
    const buckets = this.buckets
    const mask = buckets.length - BUCKET
    let hole = this.bucketOf(slot)
    for (let at = (hole + BUCKET) & mask; buckets[at] !== 0; at = (at + BUCKET) & mask) {
      const home = homeOf(buckets[at + HASH] as number, mask)
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      buckets.copyWithin(hole, at, at + BUCKET)
      hole = at
    }
    buckets[hole] = 0
  }

  private bucketOf(slot: number): number {
    const mask = this.buckets.length - BUCKET
    let at = homeOf(this.links[slot * LINK + LINK_HASH] as number, mask)
    while (this.buckets[at] !== slot + 1) at = (at + BUCKET) & mask
    return at
  }

  private makeRoom(slot: number): void {
    if (slot * LINK >= this.links.length) this.links = lengthen(this.links)
    if (this.size * 3 * BUCKET >= this.buckets.length * 2) this.rehash()
  }

  private rehash(): void {
    const old = this.buckets
    this.buckets = new Int32Array(old.length * 2)
    for (let at = 0; at < old.length; at += BUCKET) {
      const slot = (old[at] as number) - 1
      if (slot < 0) continue
      const hash = old[at + HASH] as number
      this.enter(slot, hash, old[at + PREFIX] as number, old[at + PREFIX + 1] as number)
    }
  }

  /** Makes the slot the newest of the tier. */
  private link(slot: number, tier: number): void {
    const links = this.links
    const head = tier * LINK
    const at = slot * LINK
    const newest = links[head + OLDER] as number
    links[at + OLDER] = newest
    links[at + NEWER] = tier
    links[at + TIER] = tier
    links[newest * LINK + NEWER] = slot
    links[head + OLDER] = slot
  }

  private unlink(slot: number): void {
    const links = this.links
    const older = links[slot * LINK + OLDER] as number
    const newer = links[slot * LINK + NEWER] as number
    links[older * LINK + NEWER] = newer
    links[newer * LINK + OLDER] = older
  }
}

function homeOf(hash: number, mask: number): number {
  return (hash << 1) & mask
}

function lengthen(old: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(old.length * 2)
  longer.set(old)
  return longer
}
