/** WordSet: a set of int32 words other than 0, by open addressing; grows when three quarters full. */
import { newWords, type Words } from '../words.ts'

export class WordSet {
  size = 0
  /** A literal, since `newWords` makes room for 17. */
  protected slots: Words = [0, 0, 0, 0]

  /** True when it was not there. */
  add(word: number): boolean {
    const slots = this.slots
    const mask = slots.length - 1
    let at = slotOf(word, mask)
    for (let held = slots[at] as number; held !== 0; held = slots[at] as number) {
      if (held === word) return false
      at = (at + 1) & mask
    }
    slots[at] = word
    this.size++
    if (this.size * 4 > slots.length * 3) this.grow()
    return true
  }

  /** In no order. */
  values(): number[] {
    return Array.from(this.slots).filter((word) => word !== 0)
  }

  private grow(): void {
    const slots = newWords(this.slots.length * 2)
    const mask = slots.length - 1
    for (const word of this.values()) {
      let at = slotOf(word, mask)
      while (slots[at] !== 0) at = (at + 1) & mask
      slots[at] = word
    }
    this.slots = slots
  }
}

/** Ports of a scan are neighbours: a multiplication by 2^32 / golden ratio spreads them. */
function slotOf(word: number, mask: number): number {
  return (Math.imul(word, -1640531527) >>> 12) & mask
}
