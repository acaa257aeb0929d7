/**
 * Busiest: counts of the commonest of many names in bounded space (J. Misra and D. Gries, "Finding repeated elements",
 * 1982, in whole messages as P. Agarwal et al., "Mergeable summaries", 2012).
 *
 * When there are too many names all lose what the first one too many has. So a count is never too high, and too low by
 * at most the total over the limit + 1; while there are few names all are exact. It depends on the messages and their
 * order alone, not on where a restart fell.
 */
export const MOST_NAMES = 128

export class Busiest<Name> {
  private readonly counts: Map<Name, number>
  /** The name that was counted last, and how often since it was entered: names come in runs. */
  private name: Name | undefined
  private run = 0

  constructor(counts: Iterable<readonly [Name, number]>) {
    this.counts = new Map(counts)
  }

  add(name: Name, count: number): void {
    if (name !== this.name) {
      this.enter()
      this.name = name
    }
    this.run += count
  }

  endMessage(): void {
    this.enter()
    if (this.counts.size <= MOST_NAMES) return
    const loss = kthLargest([...this.counts.values()], MOST_NAMES)
    for (const [name, count] of this.counts) {
      if (count > loss) this.counts.set(name, count - loss)
      else this.counts.delete(name)
    }
  }

  entries(): [Name, number][] {
    return [...this.counts]
  }

  private enter(): void {
    if (this.name !== undefined && this.run > 0)
      this.counts.set(this.name, (this.counts.get(this.name) ?? 0) + this.run)
    this.run = 0
  }
}

/** From 0. Most counts are small, and these are found by counting them. */
export function kthLargest(counts: readonly number[], k: number): number {
  const large = counts.filter((count) => count >= SMALL)
  if (large.length > k) return large.sort((a, b) => b - a)[k] as number
  const histogram = new Int32Array(SMALL)
  for (const count of counts) if (count < SMALL) histogram[count] = (histogram[count] as number) + 1
  let left = k - large.length
  for (let count = SMALL - 1; count > 0; count--) {
    left -= histogram[count] as number
    if (left < 0) return count
  }
  return 0
}

const SMALL = 64
