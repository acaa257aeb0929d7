/**
 * Random numbers that are the same on every machine: a seeded 32-bit generator.
 *
 * It is no source of secrets. Two files made with one seed are equal byte for byte, which is what
 * makes a generated file citable in a measurement.
 */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** In [0, 1): mulberry32 (Tommy Ettinger, public domain). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)] as T
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** A shuffled copy. */
  shuffle<T>(from: readonly T[]): T[] {
    const shuffled = [...from]
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.between(0, i)
      const held = shuffled[i] as T
      shuffled[i] = shuffled[j] as T
      shuffled[j] = held
    }
    return shuffled
  }
}
