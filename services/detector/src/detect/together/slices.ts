/**
 * Slices: contacts of the five minutes that are not judged yet, because a partition may still have some to tell.
 */
import type { Seen } from './seen.ts'

export const SLICE_MS = 300_000
/** A flood of invented sources is cut here, in the order of its arrival, and counted. */
const MAX_WAITING = 65_536

export function sliceOf(time: number): number {
  return Math.floor(time / SLICE_MS)
}

export class Slices {
  readonly waiting: Map<number, Seen[]> = new Map()
  private total = 0

  /** Where it lies in its slice, or -1 when there is no room. */
  add(seen: Seen): number {
    if (this.total >= MAX_WAITING) return -1
    const slice = sliceOf(seen.time)
    const contacts = this.waiting.get(slice)
    this.total++
    if (contacts !== undefined) return contacts.push(seen) - 1
    this.waiting.set(slice, [seen])
    return 0
  }

  /** Puts back one that lay at this place. */
  restore(slice: number, at: number, seen: Seen): void {
    const contacts = this.waiting.get(slice) ?? []
    contacts[at] = seen
    this.waiting.set(slice, contacts)
    this.total++
  }

  /** How many contacts wait, by slice. */
  counts(): Map<number, number> {
    return new Map(Array.from(this.waiting, ([slice, contacts]) => [slice, contacts.length]))
  }

  /** Takes out the slices that end at or before this time, the oldest first. */
  takeUntil(watermark: number): [slice: number, contacts: Seen[]][] {
    const ended = [...this.waiting].filter(([slice]) => (slice + 1) * SLICE_MS <= watermark)
    for (const [slice, contacts] of ended) {
      this.waiting.delete(slice)
      this.total -= contacts.length
    }
    return ended.sort(([a], [b]) => a - b)
  }
}
