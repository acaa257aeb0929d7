/** DayCounts: how much of something there was on each of the last seven days of event time. */

export const DAY_MS = 86_400_000
const DAYS = 7

export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}

export class DayCounts {
  /** The newest day counted, and its count first. */
  day: number
  counts: number[]

  constructor(day = 0, counts: readonly number[] = []) {
    this.day = day
    this.counts = [...counts]
  }

  add(day: number, count = 1): void {
    if (this.counts.length === 0) {
      // An array that begins with its first element takes no room for sixteen more.
      this.day = day
      this.counts = [count]
      return
    }
    const ahead = Math.min(day - this.day, DAYS)
    if (ahead > 0) {
      this.counts = [...new Array<number>(ahead).fill(0), ...this.counts].slice(0, DAYS)
      this.day = day
    }
    const age = this.day - day
    if (age >= DAYS) return
    while (this.counts.length <= age) this.counts.push(0)
    this.counts[age] = (this.counts[age] as number) + count
  }

  /** The sum over so many days up to this one. */
  sum(day: number, days: number = DAYS): number {
    let sum = 0
    for (let age = 0; age < this.counts.length; age++) {
      const at = this.day - age
      if (at <= day && at > day - days) sum += this.counts[age] as number
    }
    return sum
  }

  isOver(day: number): boolean {
    return day - this.day >= DAYS
  }
}
