/** Deadline: one signal for "too late" and "stop now", that tells afterwards which of both it was. (AbortSignal.any leaks in early Node 20.) */
export class Deadline {
  readonly seconds: number
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #outer: AbortSignal | undefined
  readonly #stop = (): void => this.#controller.abort(this.#outer?.reason)
  #hasPassed = false

  constructor(seconds: number, outer?: AbortSignal) {
    this.seconds = seconds
    this.#outer = outer
    this.#timer = setTimeout(() => {
      this.#hasPassed = true
      this.#controller.abort(new Error(`no end within ${seconds} s`))
    }, seconds * 1_000)
    if (outer?.aborted === true) this.#stop()
    outer?.addEventListener('abort', this.#stop, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The seconds, if it was the time that ran out. */
  get passed(): number | undefined {
    return this.#hasPassed ? this.seconds : undefined
  }

  /** Must be called, whatever came of it. */
  end(): void {
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.#stop)
  }
}
