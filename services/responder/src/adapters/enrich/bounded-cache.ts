/**
 * Cache with a bound and an end: the longest unused goes first, and nothing is kept beyond its time.
 *
 * That something was not found is kept as well, by whoever puts it in, for a shorter time.
 */
interface Entry<T> {
  readonly value: T
  readonly until: number
}

export class BoundedCache<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string, now: number): T | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    if (entry.until <= now) return undefined
    this.#entries.set(key, entry)
    return entry.value
  }

  set(key: string, value: T, until: number): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, until })
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#most && oldest !== undefined) this.#entries.delete(oldest)
  }
}
