/**
 * BusiestSources: the sources with the most packets in one story, and how many.
 *
 * Scans count their packets themselves, and a count once reached stands: so the highest are known exactly, at the cost of
 * a look at each source that a message touched.
 */
import { printAddress } from '@picket/schemas'
import type { Scan } from '../method.ts'
import { isV4Scan, prefixOf } from '../scan.ts'

export const MOST_SOURCES = 64

export class BusiestSources {
  private readonly counts: Map<string, number>
  /** The lowest of a full list; whoever has no more does not come in. */
  private lowest = 0

  constructor(counts: Readonly<Record<string, number>> = {}) {
    this.counts = new Map(Object.entries(counts))
    this.findLowest()
  }

  see(scan: Scan): void {
    if (scan.packets <= this.lowest) return
    const name = nameOf(scan)
    const before = this.counts.get(name)
    if (before !== undefined && before >= scan.packets) return
    this.counts.set(name, scan.packets)
    if (this.counts.size > MOST_SOURCES) this.dropLowest()
    if (before === undefined || before === this.lowest) this.findLowest()
  }

  toRecord(): Record<string, number> {
    return Object.fromEntries(this.counts)
  }

  private findLowest(): void {
    this.lowest = this.counts.size < MOST_SOURCES ? 0 : Math.min(...this.counts.values())
  }

  /** Of equals the one that comes last by name, so that the order of the list does not matter. */
  private dropLowest(): void {
    let lowest = Number.POSITIVE_INFINITY
    let dropped = ''
    for (const [name, count] of this.counts) {
      if (count > lowest || (count === lowest && name < dropped)) continue
      lowest = count
      dropped = name
    }
    this.counts.delete(dropped)
  }
}

/** Of IPv6 the /64. */
function nameOf(scan: Scan): string {
  if (!isV4Scan(scan)) return prefixOf(scan)
  return printAddress(Int32Array.of(scan.word0, scan.word1, scan.word2, scan.word3))
}
