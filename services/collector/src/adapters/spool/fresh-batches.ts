/**
 * Fresh batches: what was just sealed, so that it need not be read back from the disk to be sent.
 *
 * Bounded: when sending falls behind, batches are simply not kept here.
 */
const MAX_BYTES = 4 * 1024 * 1024

export class FreshBatches {
  readonly #batches: Map<string, Uint8Array> = new Map()
  #bytes = 0

  add(partition: number, place: number, bytes: Uint8Array): void {
    if (this.#bytes + bytes.length > MAX_BYTES) return
    this.#batches.set(`${partition}:${place}`, bytes)
    this.#bytes += bytes.length
  }

  get(partition: number, place: number): Uint8Array | undefined {
    return this.#batches.get(`${partition}:${place}`)
  }

  remove(partition: number, place: number): void {
    const key = `${partition}:${place}`
    this.#bytes -= this.#batches.get(key)?.length ?? 0
    this.#batches.delete(key)
  }

  clear(): void {
    this.#batches.clear()
    this.#bytes = 0
  }
}
