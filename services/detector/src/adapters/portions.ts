/** Portions: what is published at once is bounded, as a broker refuses a request for a partition beyond its limit (1 MiB by default). */
const PORTION_BYTES = 256 * 1024

export function* portions<T extends { readonly value: Uint8Array | null }>(
  messages: readonly T[],
): Generator<T[]> {
  let portion: T[] = []
  let bytes = 0
  for (const message of messages) {
    portion.push(message)
    bytes += message.value?.length ?? 0
    if (bytes < PORTION_BYTES) continue
    yield portion
    portion = []
    bytes = 0
  }
  if (portion.length > 0) yield portion
}
