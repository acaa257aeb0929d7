/**
 * Waits for a condition, with a deadline; the only way in which tests of several processes wait.
 *
 * The deadline is generous, since it bounds a failure and measures nothing: two cores may be busy.
 */
const EACH_MS = 20

export async function waitUntil(
  isTrue: () => boolean | Promise<boolean>,
  what: string | (() => string),
  deadlineMs = 120_000,
): Promise<void> {
  const end = performance.now() + deadlineMs
  while (!(await isTrue())) {
    if (performance.now() > end) {
      throw new Error(`waited ${deadlineMs} ms for ${typeof what === 'string' ? what : what()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, EACH_MS))
  }
}
