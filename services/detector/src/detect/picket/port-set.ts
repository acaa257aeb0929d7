/**
 * PortSet: the distinct ports of one protocol, exact. An open hash table, and from 2,048 ports on a bitmap of 8 KiB.
 *
 * Not a sorted list, which costs each new port a search and a shift of half the others: a scanner's packet brings a new
 * port more often than not, and they are printed once, sorted by a bitmap.
 */
import type { ByteReader } from '../bytes/byte-reader.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'

const LARGEST_TABLE = 2048
/** Slots of the largest, with room to grow. */
const MOST_SLOTS = 4096
const BITMAP_WORDS = 2048
/** A table is kept at most 13/16 full. */
const FULL = 13
/** Knuth's multiplicative hash: neighbours, as scans have them, fall far apart. */
const GOLDEN = 0x9e3779b1

/** Empty between uses: one for each of ten thousand scanners would be 80 MB to collect. */
const SORTING = new Int32Array(BITMAP_WORDS)

export class PortSet {
  size = 0
  /** 0 is an empty slot; port 0 is kept apart. */
  private table: Uint16Array = new Uint16Array(8)
  private hasZero = false
  private bitmap: Int32Array | null = null

  /** True when the port was not there. */
  add(port: number): boolean {
    return this.bitmap === null ? this.insert(port) : this.setBit(this.bitmap, port)
  }

  /** Ascending. */
  ports(): number[] {
    if (this.bitmap !== null) return portsIn(this.bitmap)
    const ports = portsIn(this.fill(SORTING))
    SORTING.fill(0)
    return ports
  }

  pack(): unknown {
    return this.ports()
  }

  static unpack(packed: unknown): PortSet {
    const set = new PortSet()
    for (const port of packed as number[]) set.add(port)
    return set
  }

  /** The table as it lies, or the bitmap. */
  store(into: ByteWriter): void {
    into.reserve(12)
    into.varint(this.size)
    into.byte(this.hasZero ? 1 : 0)
    into.varint(this.table.length)
    if (this.bitmap === null) into.halves(this.table, this.table.length)
    else into.sparse(this.bitmap, 0, BITMAP_WORDS)
  }

  static restore(reader: ByteReader): PortSet {
    const set = new PortSet()
    const size = reader.count(65_536)
    set.hasZero = reader.byte() === 1
    set.table = reader.halves(reader.count(MOST_SLOTS))
    if (set.table.length === 0) {
      set.bitmap = new Int32Array(BITMAP_WORDS)
      reader.sparse(set.bitmap, 0, BITMAP_WORDS)
    }
    set.size = set.count()
    if (set.size !== size || set.isOverfull()) reader.fail()
    return set
  }

  private count(): number {
    let count = this.hasZero && this.bitmap === null ? 1 : 0
    for (let i = 0; i < this.table.length; i++) if (this.table[i] !== 0) count++
    const words = this.bitmap ?? []
    for (let i = 0; i < words.length; i++) count += bitCount(words[i] as number)
    return count
  }

  /** Then a search might not end. */
  private isOverfull(): boolean {
    return this.bitmap === null && (this.size - 1) * 16 > this.table.length * FULL
  }

  private insert(port: number): boolean {
    if (port === 0) return this.insertZero()
    const at = placeOf(this.table, port)
    if (this.table[at] === port) return false
    if (this.size >= LARGEST_TABLE) return this.setBit(this.turnIntoBitmap(), port)
    this.table[at] = port
    if (++this.size * 16 > this.table.length * FULL) this.grow()
    return true
  }

  private insertZero(): boolean {
    if (this.hasZero) return false
    if (this.size >= LARGEST_TABLE) return this.setBit(this.turnIntoBitmap(), 0)
    this.hasZero = true
    this.size++
    return true
  }

  /** Quickly while it is small, then by half. */
  private grow(): void {
    const old = this.table
    this.table = new Uint16Array(old.length < 128 ? old.length * 4 : old.length + (old.length >>> 1))
    for (let i = 0; i < old.length; i++) {
      const port = old[i] as number
      if (port !== 0) this.table[placeOf(this.table, port)] = port
    }
  }

  private turnIntoBitmap(): Int32Array {
    this.bitmap = this.fill(new Int32Array(BITMAP_WORDS))
    this.table = new Uint16Array(0)
    return this.bitmap
  }

  private fill(bitmap: Int32Array): Int32Array {
    for (let i = 0; i < this.table.length; i++) {
      const port = this.table[i] as number
      if (port !== 0) mark(bitmap, port)
    }
    if (this.hasZero) mark(bitmap, 0)
    return bitmap
  }

  private setBit(bitmap: Int32Array, port: number): boolean {
    if (((bitmap[port >>> 5] as number) & (1 << (port & 31))) !== 0) return false
    mark(bitmap, port)
    this.size++
    return true
  }
}

function mark(bitmap: Int32Array, port: number): void {
  bitmap[port >>> 5] = (bitmap[port >>> 5] as number) | (1 << (port & 31))
}

function bitCount(word: number): number {
  let pairs = word - ((word >>> 1) & 0x5555_5555)
  pairs = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
  return Math.imul((pairs + (pairs >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

function portsIn(bitmap: Int32Array): number[] {
  const ports: number[] = []
  for (let i = 0; i < BITMAP_WORDS; i++) {
    // The lowest bit that is left, until none is
    for (let rest = bitmap[i] as number; rest !== 0; rest &= rest - 1) {
      ports.push((i << 5) | (31 - Math.clz32(rest & -rest)))
    }
  }
  return ports
}

/** Where the port stands, or the empty slot that it would take. */
function placeOf(table: Uint16Array, port: number): number {
  const slots = table.length
  let at = ((Math.imul(port, GOLDEN) >>> 16) * slots) >>> 16
  for (;;) {
    const there = table[at]
    if (there === port || there === 0) return at
    if (++at === slots) at = 0
  }
}
