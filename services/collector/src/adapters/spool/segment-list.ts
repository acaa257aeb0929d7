/**
 * Segment list: the segments of a spool in order, the one that is written to last.
 *
 * A segment goes when all that it holds is acknowledged, or when the caps want it; never the last one.
 */
import { rmSync } from 'node:fs'
import type { Segment, Stored } from './segment.ts'

/** Segments whose batches are known one by one, beside the last; a backlog has hundreds. */
const LOADED = 8

export interface Found {
  readonly segment: Segment
  readonly stored: Stored
}

export interface Sum {
  readonly batches: number
  readonly packets: number
  readonly bytes: number
}

export class SegmentList {
  readonly #segments: Segment[]
  #loaded: Segment[] = []

  constructor(segments: readonly Segment[]) {
    this.#segments = [...segments]
  }

  push(segment: Segment): void {
    this.#segments.at(-1)?.unload()
    this.#segments.push(segment)
  }

  get length(): number {
    return this.#segments.length
  }

  get oldest(): Segment | undefined {
    return this.#segments[0]
  }

  /** On the disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  after(partition: number, place: number): Found | undefined {
    for (const segment of this.#segments) {
      if ((segment.ranges.get(partition)?.last ?? 0) <= place) continue
      const stored = this.#using(segment, () => segment.after(partition, place))
      if (stored !== undefined) return { segment, stored }
    }
    return undefined
  }

  /** Whether files were found damaged since the last call: what can be sent is less than it was. */
  takeDamaged(): boolean {
    const damaged = this.#segments.filter(({ isDamaged }) => isDamaged)
    for (const segment of damaged) segment.isDamaged = false
    return damaged.length > 0
  }

  /** All that is above the places. */
  sumAbove(places: readonly number[], of: readonly Segment[] = this.#segments): Sum {
    let [batches, packets, bytes] = [0, 0, 0]
    for (const segment of of) {
      for (const [partition, place] of places.entries()) {
        for (const stored of this.#using(segment, () => [...segment.allAfter(partition, place)])) {
          batches++
          packets += stored.packets
          bytes += stored.length
        }
      }
    }
    return { batches, packets, bytes }
  }

  #using<T>(segment: Segment, use: () => T): T {
    const wasLoaded = segment.isLoaded
    const result = use()
    if (!wasLoaded && segment.isLoaded) {
      this.#loaded.push(segment)
      if (this.#loaded.length > LOADED) this.#loaded.shift()?.unload()
    }
    return result
  }

  /** Removes the oldest files as long as nothing in them is above the places; returns how many. */
  trim(acknowledged: readonly number[]): number {
    let count = 0
    while (this.#segments.length > 1 && isBelow(this.#segments[0] as Segment, acknowledged)) {
      this.removeOldest()
      count++
    }
    return count
  }

  /** The clock was set: what was sealed by the old one has not become older by it. */
  shiftTimes(ms: number): void {
    for (const segment of this.#segments) if (segment.newest > 0) segment.newest += ms
  }

  removeOldest(): void {
    const [oldest] = this.#segments.splice(0, 1)
    if (oldest === undefined) return
    this.#loaded = this.#loaded.filter((segment) => segment !== oldest)
    rmSync(oldest.path, { force: true })
  }
}

function isBelow(segment: Segment, places: readonly number[]): boolean {
  return [...segment.ranges].every(([partition, { last }]) => last <= (places[partition] ?? 0))
}
