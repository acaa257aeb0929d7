/** NameTable: the texts of a batch, each once, by the order in which they came. */
export class NameTable {
  readonly #indexes = new Map<string, number>()
  /** At most so many as UTF-8. */
  bytes = 0

  indexOf(name: string): number {
    const known = this.#indexes.get(name)
    return known === undefined ? this.#add(name) : known
  }

  #add(name: string): number {
    const index = this.#indexes.size
    this.#indexes.set(name, index)
    this.bytes += 3 * name.length + 2
    return index
  }

  /** All of them; the table is empty then. */
  take(): string[] {
    const names = [...this.#indexes.keys()]
    this.#indexes.clear()
    this.bytes = 0
    return names
  }
}
