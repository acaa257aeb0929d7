/**
 * Opened: what a service has opened, so that all of it is given back: at the end, and where the rest of its start fails. Whatever stays
 * open would keep the process from ending.
 */
export interface Part {
  close(): Promise<void>
}

export class Opened {
  readonly #parts: Part[] = []

  add<T extends Part>(part: T): T {
    this.#parts.push(part)
    return part
  }

  /** The last one first. */
  async close(): Promise<void> {
    for (const part of this.#parts.splice(0).reverse()) await part.close()
  }
}
