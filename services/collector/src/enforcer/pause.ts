/** Waits, but ends as soon as the signal says that nobody waits any more. */
import { setTimeout as sleep } from 'node:timers/promises'

export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal })
  } catch {
    // Aborted: that is an end of waiting too.
  }
}
