/**
 * Pauses between attempts: from a tenth of a second, doubling up to some seconds, never the same for two who wait.
 */
const FIRST_MS = 100
const MOST_MS = 5000

export class BackOff {
  readonly #mostMs: number
  #nextMs = FIRST_MS

  constructor(mostMs: number = MOST_MS) {
    this.#mostMs = mostMs
  }

  reset(): void {
    this.#nextMs = FIRST_MS
  }

  /** Ends early when the signal is aborted; does not keep the process alive by itself. */
  async wait(signal?: AbortSignal): Promise<void> {
    const pauseMs = this.#nextMs * (0.75 + Math.random() / 2)
    this.#nextMs = Math.min(this.#nextMs * 2, this.#mostMs)
    await pause(pauseMs, signal)
  }
}

export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}

export function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
