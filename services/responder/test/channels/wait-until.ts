/** Waits for a condition, with a generous deadline. */
export async function waitUntil(isTrue: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 60_000
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
