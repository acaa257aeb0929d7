/**
 * Fleet totals: what all partitions have seen, added up.
 *
 * Lists of the busiest are those of the partitions put together. A source lies in one partition, so its count is whole; a
 * port or a log prefix that is busy nowhere in particular may be missing from a partition's list, and then counts too low.
 */

type Counts = Readonly<Record<string, number>>

/** What adding up reads of a partition's totals. */
export interface PartTotals {
  readonly batches: number
  readonly packets: number
  /** 0 without packets. */
  readonly from: number
  readonly to: number
  readonly observed: Counts
  readonly protocols: Counts
  readonly sources: Counts
  readonly ports: Counts
  readonly prefixes: Counts
  readonly reporters: Counts
  readonly missing: number
  readonly repeated: number
  readonly late: number
  readonly ahead: number
}

const NUMBERS = ['batches', 'packets', 'missing', 'repeated', 'late', 'ahead'] as const
const LISTS = ['observed', 'protocols', 'sources', 'ports', 'prefixes', 'reporters'] as const

export function addTotals(parts: readonly PartTotals[]): PartTotals {
  const numbers = NUMBERS.map((name) => [name, parts.reduce((sum, part) => sum + part[name], 0)])
  const lists = LISTS.map((name) => [name, addCounts(parts.map((part) => part[name]))])
  const seen = parts.filter(({ packets }) => packets > 0)
  return {
    ...(Object.fromEntries([...numbers, ...lists]) as Omit<PartTotals, 'from' | 'to'>),
    from: seen.reduce((least, { from }) => Math.min(least, from), seen[0]?.from ?? 0),
    to: seen.reduce((most, { to }) => Math.max(most, to), 0),
  }
}

/** Keys are words of strangers: the sum has no prototype that one of them could reach. */
function addCounts(all: readonly Counts[]): Counts {
  const sum: Record<string, number> = Object.create(null)
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count
  }
  return sum
}
