/**
 * HeldScans: the scans of a partition that are in memory, and of each what the store knows.
 *
 * A slot is valid until `settle`, the only one that lets go of scans: what it lets go of must have been stored.
 */
import type { Address } from '@picket/schemas'
import type { Method, Scan, Tier } from '../method.ts'
import { SourceTable } from '../source-table.ts'

export class HeldScans<S extends Scan> {
  /** Slots touched since they were last stored, in the order of their first touch. */
  changed: number[] = []
  /** Slots touched by the message that is read. */
  touched: number[] = []
  evicted = 0
  private readonly method: Method<S>
  private readonly capacity: number
  private readonly table: SourceTable<S>
  /** By slot: the last message folded into the scan. */
  private offsets = new Float64Array(1024)
  /** By slot: the message that touched it last, as counted since the start; below 0 when that is stored. */
  private messages = new Float64Array(1024)
  private message = 1

  constructor(method: Method<S>, capacity: number, seed: number) {
    this.method = method
    this.capacity = capacity
    this.table = new SourceTable(Number.POSITIVE_INFINITY, seed)
  }

  get size(): number {
    return this.table.size
  }

  find(source: Address): number {
    return this.table.find(source)
  }

  scanAt(slot: number): S {
    return this.table.scanAt(slot)
  }

  offsetAt(slot: number): number {
    return this.offsets[slot] as number
  }

  beginMessage(): void {
    this.message++
    this.touched.length = 0
  }

  /** Takes in the scan of a source that is not held, and the last message folded into it. */
  add(source: Address, scan: S, offset: number): number {
    const slot = this.table.add(source, scan, this.method.tier(scan))
    if (slot >= this.offsets.length) this.lengthen()
    this.offsets[slot] = offset
    this.messages[slot] = 0
    return slot
  }

  /** Puts a new story in the place of one that is over. */
  replace(slot: number, scan: S): void {
    const old = this.table.scanAt(slot)
    this.table.replace(slot, scan)
    this.method.close?.(old)
  }

  /** Says that the message changes the scan. False when it has been folded into it before. */
  touch(slot: number, offset: number): boolean {
    const before = this.messages[slot] as number
    if (before === this.message) return true
    if ((this.offsets[slot] as number) >= offset) return false
    this.offsets[slot] = offset
    this.messages[slot] = this.message
    this.touched.push(slot)
    if (before <= 0) this.changed.push(slot)
    return true
  }

  /** Makes the scan the most recently seen of its tier. */
  use(slot: number, tier: Tier): void {
    this.table.touch(slot, tier)
  }

  tierAt(slot: number): Tier {
    return this.table.tierAt(slot)
  }

  /** Visits every scan touched since last asked. */
  takeChanged(visit: (scan: S, offset: number) => void): void {
    for (const slot of this.changed) {
      this.messages[slot] = -1
      visit(this.table.scanAt(slot), this.offsets[slot] as number)
    }
    this.changed = []
  }

  /** Lets go of the least recently seen scans that are too many, the lowest tier first; of none that changed. */
  settle(letGo: (slot: number) => void): void {
    for (let tier = 0; tier < 3; tier++) {
      let slot = this.table.oldestOf(tier as Tier)
      while (this.table.size > this.capacity && slot >= 0 && (this.messages[slot] as number) <= 0) {
        letGo(slot)
        this.remove(slot)
        slot = this.table.oldestOf(tier as Tier)
      }
    }
  }

  *scans(): IterableIterator<S> {
    for (const [scan] of this.table.entries()) yield scan
  }

  private remove(slot: number): void {
    const scan = this.table.scanAt(slot)
    this.table.remove(slot)
    this.method.close?.(scan)
    this.evicted++
  }

  private lengthen(): void {
    const offsets = new Float64Array(this.offsets.length * 2)
    offsets.set(this.offsets)
    this.offsets = offsets
    const messages = new Float64Array(this.messages.length * 2)
    messages.set(this.messages)
    this.messages = messages
  }
}
