/**
 * Upstreams: how far each partition of picket.packets has come, as its contact batches say.
 *
 * A batch at or below its partition's mark was folded already. Whether a contact is late is asked of its own
 * partition alone, so the answer does not depend on how messages of several partitions lie between each other.
 */
export interface Upstream {
  /** Offset of the last message whose contacts were folded; -1 for none. */
  mark: number
  watermark: number
}

export class Upstreams {
  readonly byNumber: Map<number, Upstream> = new Map()
  private readonly count: number

  /** So many partitions exist. */
  constructor(count: number) {
    this.count = count
  }

  upstream(number: number): Upstream {
    const known = this.byNumber.get(number)
    if (known !== undefined) return known
    const upstream = { mark: -1, watermark: Number.NEGATIVE_INFINITY }
    this.byNumber.set(number, upstream)
    return upstream
  }

  /** All time before this has been told of by every partition. */
  get watermark(): number {
    if (this.byNumber.size < this.count) return Number.NEGATIVE_INFINITY
    let lowest = Number.POSITIVE_INFINITY
    for (const { watermark } of this.byNumber.values()) lowest = Math.min(lowest, watermark)
    return lowest
  }
}
