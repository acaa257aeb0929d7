/**
 * Interner: the same bytes give the same value, without a string being made for every line.
 *
 * A look at the value of the line before settles almost every case. The table behind it is of a fixed
 * size and forgets on collision, so that lines of ever new text cost time but never memory.
 */
interface Entry<T> {
  readonly bytes: Uint8Array
  readonly value: T
}

/** Power of two. A host has tens of prefixes and interfaces; a relay, hundreds of reporters. */
const SLOTS = 512

/** Longer text is not worth keeping: no prefix, host or interface is. */
const MAX_KEPT = 1024

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })

export class Interner<T> {
  private last: Entry<T>
  private readonly slots: (Entry<T> | undefined)[] = new Array(SLOTS).fill(undefined)
  private readonly make: (text: string) => T

  constructor(make: (text: string) => T) {
    this.make = make
    this.last = { bytes: new Uint8Array(0), value: make('') }
  }

  find(bytes: Uint8Array, start: number, end: number): T {
    const last = this.last
    if (holds(last.bytes, bytes, start, end)) return last.value
    return this.look(bytes, start, end)
  }

  private look(bytes: Uint8Array, start: number, end: number): T {
    const slot = slotOf(bytes, start, end)
    const known = this.slots[slot]
    if (known !== undefined && holds(known.bytes, bytes, start, end)) {
      this.last = known
      return known.value
    }
    const own = bytes.slice(start, end)
    const value = this.make(UTF8.decode(own))
    if (own.length > MAX_KEPT) return value
    const entry = { bytes: own, value }
    this.slots[slot] = entry
    this.last = entry
    return entry.value
  }
}

function holds(own: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (own.length !== length) return false
  for (let i = length - 1; i >= 0; i--) {
    if (own[i] !== bytes[start + i]) return false
  }
  return true
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0
  return (hash ^ (hash >>> 9)) & (SLOTS - 1)
}
