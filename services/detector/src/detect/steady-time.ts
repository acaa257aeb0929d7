/**
 * SteadyTime: a time that most sources agree has come, for forgetting what is long over.
 *
 * One packet with a clock of its own (a stamp years ahead) must not end everybody's incidents, so of the last
 * few openings of a source the earliest time counts. It may lag; it never runs ahead of all but a few.
 */
const OPENINGS = 16

export class SteadyTime {
  private readonly times = new Float64Array(OPENINGS).fill(Number.NEGATIVE_INFINITY)
  private next = 0

  /** Takes the time of a source's opening packet; the time that has come by then. */
  see(time: number): number {
    this.times[this.next] = time
    this.next = (this.next + 1) % OPENINGS
    return Math.min(...this.times)
  }
}
