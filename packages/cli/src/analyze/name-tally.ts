/**
 * NameTally: packets per log prefix or reporter.
 *
 * The parser interns these texts, so the usual case is one comparison of the same string object. A
 * log that writes ever new prefixes (they are chosen by its author) is cut at MAX_NAMES: the rest is not listed.
 */

const MAX_NAMES = 10_000

export class NameTally {
  #counts = new Map<string, { packets: number }>()
  #lastName: string | undefined
  #last: { packets: number } = { packets: 0 }

  add(name: string, packets: number): void {
    if (name !== this.#lastName) this.#find(name)
    this.#last.packets += packets
  }

  /** The commonest first, equals by name. */
  top(): { readonly name: string; readonly packets: number }[] {
    return [...this.#counts]
      .map(([name, { packets }]) => ({ name, packets }))
      .sort((a, b) => b.packets - a.packets || (a.name < b.name ? -1 : 1))
  }

  #find(name: string): void {
    let counted = this.#counts.get(name)
    if (counted === undefined) {
      counted = { packets: 0 }
      if (this.#counts.size < MAX_NAMES) this.#counts.set(name, counted)
    }
    this.#lastName = name
    this.#last = counted
  }
}
