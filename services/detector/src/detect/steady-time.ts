/**
 * SteadyTime: a time that most sources agree has come, for forgetting what is long over.
 *
 * One packet with a clock of its own (a stamp years ahead) must not end everybody's incidents, so of the last
 * few openings of a source the earliest time counts. It may lag; it never runs ahead of all but a few.
 */
const OPENINGS = 16

export class SteadyTime {
  /** Times of the last openings, the oldest first. */
  private times: number[] = []
  private readonly openings: number

  constructor(openings: number = OPENINGS) {
    this.openings = openings
  }

  /** Takes the time of a source's opening packet; the time that has come by then. */
  see(time: number): number {
    this.times.push(time)
    if (this.times.length <= this.openings) return Number.NEGATIVE_INFINITY
    this.times.shift()
    return Math.min(...this.times)
  }

  pack(): readonly number[] {
    return [...this.times]
  }

  unpack(times: readonly number[]): void {
    this.times = [...times]
  }
}
