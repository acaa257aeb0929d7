/**
 * Who of a group reads which partitions: evenly, and with as few moves as that allows.
 *
 * Each move costs a reader its warm cache, so whoever has a partition keeps it up to the even share.
 */
export interface Sharer {
  readonly id: string
  /** What it had until now. Two may claim the same partition: one of them is out of date. */
  readonly had: readonly number[]
}

/** The partitions of each, in ascending order; a function of its arguments alone. */
export function sharePartitions(sharers: readonly Sharer[], partitions: number): Map<string, number[]> {
  const inOrder = [...sharers].sort((a, b) => b.had.length - a.had.length || (a.id < b.id ? -1 : 1))
  const least = Math.floor(partitions / inOrder.length)
  let extra = partitions % inOrder.length
  const free = new Set(Array.from({ length: partitions }, (_, partition) => partition))
  const shares = new Map<string, number[]>()
  const quotas = new Map<string, number>()
  for (const { id, had } of inOrder) {
    const quota = least + (extra-- > 0 ? 1 : 0)
    const kept = had.filter((partition) => free.has(partition)).slice(0, quota)
    for (const partition of kept) free.delete(partition)
    shares.set(id, kept)
    quotas.set(id, quota)
  }
  deal(free, shares, quotas)
  return shares
}

function deal(free: ReadonlySet<number>, shares: Map<string, number[]>, quotas: Map<string, number>): void {
  const left = [...free]
  for (const [id, share] of shares) {
    share.push(...left.splice(0, (quotas.get(id) ?? 0) - share.length))
    share.sort((a, b) => a - b)
  }
}
