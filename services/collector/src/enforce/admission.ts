/**
 * Admission: when each new ban may take effect, if no more than so many may begin within a minute.
 *
 * It counts by the time at which the broker has appended the ban, not by when this host read it: so all hosts agree, and one that
 * was off for a day catches up at once. What comes too fast is not lost but late, which gives people time to lift it.
 */
const MINUTE_MS = 60_000

export class Admission {
  readonly #perMinute: number
  /** The last admissions, as a ring. */
  readonly #recent: number[] = []
  #next = 0

  constructor(perMinute: number) {
    this.#perMinute = perMinute
  }

  /** Call in the order of appending. Answers with the moment from which the ban may be in the kernel. */
  admit(appendedAt: number): number {
    const before = this.#recent[this.#next]
    const at = before === undefined ? appendedAt : Math.max(appendedAt, before + MINUTE_MS)
    this.#recent[this.#next] = at
    this.#next = (this.#next + 1) % this.#perMinute
    return at
  }
}
