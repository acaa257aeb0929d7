/**
 * Pauses between attempts: from a tenth of a second, doubling up to some seconds, never the same for two who wait.
 */
const FIRST_MS = 100
const MOST_MS = 5000
/** Of what holds up a partition. */
const FIRST_PERSISTENT_MS = 20
const MOST_PERSISTENT_MS = 2000

export class BackOff {
  readonly #mostMs: number
  readonly #firstMs: number
  #nextMs: number

  constructor(mostMs: number = MOST_MS, firstMs: number = FIRST_MS) {
    this.#mostMs = mostMs
    this.#firstMs = firstMs
    this.#nextMs = firstMs
  }

  reset(): void {
    this.#nextMs = this.#firstMs
  }

  /** Ends early when the signal is aborted; does not keep the process alive by itself. */
  async wait(signal?: AbortSignal): Promise<void> {
    const pauseMs = this.#nextMs * (0.75 + Math.random() / 2)
    this.#nextMs = Math.min(this.#nextMs * 2, this.#mostMs)
    await pause(pauseMs, signal)
  }
}

export interface Persistence {
  /** Ends the waiting; the last error is thrown then. */
  readonly signal?: AbortSignal | undefined
  /** Told before each wait, so that it can be counted and said. */
  readonly onWait?: (error: Error, attempt: number) => void
}

/** Tries what the outside refuses for now until it works; what does not say of itself that it passes by is thrown at once. */
export async function withBackoff<T>(attempt: () => Promise<T>, options: Persistence = {}): Promise<T> {
  const waiting = new BackOff(MOST_PERSISTENT_MS, FIRST_PERSISTENT_MS)
  for (let count = 1; ; count++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isRetryable(error) || isUnwanted(options.signal)) throw error
      options.onWait?.(asError(error), count)
      await waiting.wait(options.signal)
      if (isUnwanted(options.signal)) throw error
    }
  }
}

function isUnwanted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
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

/** Waits for the work, but no longer; what is late goes on by itself, and nothing of the waiting is left. */
export async function within(ms: number, work: Promise<unknown> | undefined): Promise<void> {
  const done = new AbortController()
  try {
    await Promise.race([work, pause(ms, done.signal)])
  } finally {
    done.abort()
  }
}
