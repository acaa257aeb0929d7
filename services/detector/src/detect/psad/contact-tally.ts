/**
 * ContactTally: how many different (host, service) a source of several hosts tried. psad has no threshold on it.
 *
 * By 32-bit hashes: exact up to 3,072 contacts (16 KiB) but for a rare collision, a sketch above.
 */
import { mix, stir } from '@picket/schemas'
import { Sketch } from '../sketch.ts'
import { WordSet } from './word-set.ts'

const MOST_EXACT = 3072

export class ContactTally extends WordSet {
  private sketch: Sketch | null = null

  addContact(hostHash: number, service: number): void {
    const hash = mix(stir(hostHash, service)) || 1
    if (this.sketch !== null) this.sketch.add(hash)
    else if (this.add(hash) && this.size > MOST_EXACT) this.turnIntoSketch()
  }

  count(): number {
    return this.sketch?.estimate() ?? this.size
  }

  pack(): unknown {
    return { exact: this.values().sort((a, b) => a - b), sketch: this.sketch?.pack() ?? null }
  }

  static unpack(packed: unknown): ContactTally {
    const { exact, sketch } = packed as { exact: number[]; sketch: unknown }
    const tally = new ContactTally()
    for (const hash of exact) tally.add(hash)
    if (sketch !== null) tally.sketch = Sketch.unpack(sketch)
    return tally
  }

  private turnIntoSketch(): void {
    this.sketch = new Sketch()
    for (const hash of this.values()) this.sketch.add(hash)
    this.slots = []
  }
}
