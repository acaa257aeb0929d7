/**
 * Back-off: tries something that the outside refuses for now, again and again, until it works or nobody wants it any more.
 *
 * Only errors that say of themselves that they pass by (`retryable`) are tried again; any other is thrown at once.
 */

export interface BackoffOptions {
  /** Ends the waiting; the last error is thrown then. */
  readonly signal?: AbortSignal | undefined
  readonly firstMs?: number
  readonly capMs?: number
  /** Told before each wait, so that it can be counted and said. */
  readonly onWait?: (error: Error, attempt: number) => void
}

const FIRST_MS = 20
const CAP_MS = 2_000

export function isRetryable(error: unknown): error is Error & { readonly retryable: true } {
  return error instanceof Error && (error as { readonly retryable?: unknown }).retryable === true
}

export async function withBackoff<T>(attempt: () => Promise<T>, options: BackoffOptions = {}): Promise<T> {
  const { signal, firstMs = FIRST_MS, capMs = CAP_MS } = options
  for (let count = 1; ; count++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isRetryable(error) || isUnwanted(signal)) throw error
      options.onWait?.(error, count)
      await pause(Math.min(firstMs * 2 ** (count - 1), capMs) * jitter(), signal)
      if (isUnwanted(signal)) throw error
    }
  }
}

function isUnwanted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

/** A fleet that lost its broker at one moment must not come back at one moment. */
function jitter(): number {
  return 0.75 + Math.random() / 2
}

/** Resolves after the time, or as soon as the signal says that nobody waits any more. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve()
      return
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}
