/**
 * What the kernel held when it was last read, and what is left of it now: so that one ban is planned without listing all.
 *
 * Elements end in the kernel by its own clock, so this one counts by the monotonic clock too.
 */
import type { KernelElement } from '../enforce/kernel-bans.ts'

export class KernelView {
  /** By subject, the end in ms of performance.now(). */
  readonly #ends = new Map<string, number>()

  /** Replaces all, as the kernel was listed just now. */
  take(elements: readonly KernelElement[]): void {
    this.#ends.clear()
    this.put(elements)
  }

  /** Beside what is known. */
  put(elements: readonly KernelElement[]): void {
    const now = performance.now()
    for (const { subject, seconds } of elements) this.#ends.set(subject, now + seconds * 1_000)
  }

  all(): KernelElement[] {
    return this.only([...this.#ends.keys()])
  }

  only(subjects: Iterable<string>): KernelElement[] {
    const now = performance.now()
    const found: KernelElement[] = []
    for (const subject of subjects) {
      const end = this.#ends.get(subject)
      if (end === undefined) continue
      if (end > now) found.push({ subject, seconds: Math.ceil((end - now) / 1_000) })
      else this.#ends.delete(subject)
    }
    return found
  }

  subjects(): ReadonlySet<string> {
    return new Set(this.all().map(({ subject }) => subject))
  }

  /** Asked with every round, and by whoever shows figures: makes nothing. */
  count(): number {
    const now = performance.now()
    let count = 0
    for (const end of this.#ends.values()) if (end > now) count++
    return count
  }
}
