/**
 * Timeline: packets over time in a fixed number of buckets, though the span is not known beforehand.
 *
 * It begins with one-second buckets and doubles their width whenever a packet falls outside, so one
 * pass over lines in any order is enough. Buckets are aligned to multiples of their width: the result
 * does not depend on which packet came first.
 */

const BUCKETS = 512

export interface TimelineCounts {
  /** ms since 1970 at which the first bucket begins. */
  readonly from: number
  readonly stepSeconds: number
  readonly packets: readonly number[]
}

export class Timeline {
  #width = 1000
  /** Number of the first bucket, counted in widths from 1970. */
  #first = Number.NaN
  #last = Number.NaN
  #counts = new Float64Array(BUCKETS)

  add(time: number, packets: number): void {
    const bucket = Math.floor(time / this.#width)
    if (bucket >= this.#first && bucket <= this.#last) {
      this.#counts[bucket & (BUCKETS - 1)] = (this.#counts[bucket & (BUCKETS - 1)] as number) + packets
      return
    }
    this.#extend(time)
    const slot = Math.floor(time / this.#width) & (BUCKETS - 1)
    this.#counts[slot] = (this.#counts[slot] as number) + packets
  }

  counts(): TimelineCounts | undefined {
    if (Number.isNaN(this.#first)) return undefined
    const packets: number[] = []
    for (let bucket = this.#first; bucket <= this.#last; bucket++) {
      packets.push(this.#counts[bucket & (BUCKETS - 1)] as number)
    }
    return { from: this.#first * this.#width, stepSeconds: this.#width / 1000, packets }
  }

  /** Makes room for a time outside the present span, halving the resolution as often as needed. */
  #extend(time: number): void {
    if (Number.isNaN(this.#first)) {
      this.#first = Math.floor(time / this.#width)
      this.#last = this.#first
      return
    }
    while (this.#spanWith(time) > BUCKETS) this.#coarsen()
    const bucket = Math.floor(time / this.#width)
    this.#first = Math.min(this.#first, bucket)
    this.#last = Math.max(this.#last, bucket)
  }

  #spanWith(time: number): number {
    const bucket = Math.floor(time / this.#width)
    return Math.max(this.#last, bucket) - Math.min(this.#first, bucket) + 1
  }

  #coarsen(): void {
    const finer = this.#counts
    this.#counts = new Float64Array(BUCKETS)
    for (let bucket = this.#first; bucket <= this.#last; bucket++) {
      const slot = Math.floor(bucket / 2) & (BUCKETS - 1)
      this.#counts[slot] = (this.#counts[slot] as number) + (finer[bucket & (BUCKETS - 1)] as number)
    }
    this.#width *= 2
    this.#first = Math.floor(this.#first / 2)
    this.#last = Math.floor(this.#last / 2)
  }
}
