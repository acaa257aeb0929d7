/**
 * PortSet: the distinct ports of one protocol, exact. A sorted list, and from 2,048 ports on a bitmap of 8 KiB.
 */
import type { ByteReader } from '../bytes/byte-reader.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'

const LONGEST_LIST = 2048
/** Stored one by one; more are stored as a bitmap, whose empty words take nothing. */
const STORED_ALONE = 64
const BITMAP_BYTES = 8192

export class PortSet {
  size = 0
  private list: Uint16Array = new Uint16Array(8)
  private bitmap: Uint8Array | null = null

  /** True when the port was not there. */
  add(port: number): boolean {
    return this.bitmap === null ? this.insert(port) : this.setBit(this.bitmap, port)
  }

  /** Ascending. */
  ports(): number[] {
    if (this.bitmap === null) return Array.from(this.list.subarray(0, this.size))
    return portsOf(this.bitmap)
  }

  pack(): unknown {
    return this.ports()
  }

  static unpack(packed: unknown): PortSet {
    const set = new PortSet()
    for (const port of packed as number[]) set.add(port)
    return set
  }

  store(into: ByteWriter): void {
    into.reserve(8 + 2 * STORED_ALONE)
    into.varint(this.size)
    if (this.size > STORED_ALONE) into.sparse(this.bitmap ?? bitmapOf(this.ports()))
    else for (const port of this.ports()) into.int16(port)
  }

  static restore(reader: ByteReader): PortSet {
    const set = new PortSet()
    const size = reader.count(65_536)
    if (size <= STORED_ALONE) for (let i = 0; i < size; i++) set.add(reader.byte() | (reader.byte() << 8))
    else set.restoreBits(reader, size)
    if (set.size !== size) reader.fail()
    return set
  }

  private restoreBits(reader: ByteReader, size: number): void {
    const bitmap = new Uint8Array(BITMAP_BYTES)
    reader.sparse(bitmap)
    const ports = portsOf(bitmap)
    if (size <= LONGEST_LIST) for (const port of ports) this.add(port)
    else {
      this.turnIntoBitmap().set(bitmap)
      this.size = ports.length
    }
  }

  private insert(port: number): boolean {
    const at = this.place(port)
    if (at < this.size && this.list[at] === port) return false
    if (this.size === LONGEST_LIST) return this.setBit(this.turnIntoBitmap(), port)
    if (this.size === this.list.length) {
      const longer = new Uint16Array(this.list.length * 2)
      longer.set(this.list)
      this.list = longer
    }
    this.list.copyWithin(at + 1, at, this.size)
    this.list[at] = port
    this.size++
    return true
  }

  /** Where the port stands, or would. */
  private place(port: number): number {
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.list[middle] as number) < port) low = middle + 1
      else high = middle
    }
    return low
  }

  private turnIntoBitmap(): Uint8Array {
    const bitmap = bitmapOf(this.list)
    this.list = new Uint16Array(0)
    this.bitmap = bitmap
    return bitmap
  }

  private setBit(bitmap: Uint8Array, port: number): boolean {
    if (hasBit(bitmap, port)) return false
    bitmap[port >>> 3] = (bitmap[port >>> 3] as number) | (1 << (port & 7))
    this.size++
    return true
  }
}

function bitmapOf(ports: Iterable<number>): Uint8Array {
  const bitmap = new Uint8Array(BITMAP_BYTES)
  for (const port of ports) bitmap[port >>> 3] = (bitmap[port >>> 3] as number) | (1 << (port & 7))
  return bitmap
}

/** Ascending. */
function portsOf(bitmap: Uint8Array): number[] {
  const ports: number[] = []
  for (let port = 0; port < 65_536; port++) if (hasBit(bitmap, port)) ports.push(port)
  return ports
}

function hasBit(bitmap: Uint8Array, port: number): boolean {
  return ((bitmap[port >>> 3] as number) & (1 << (port & 7))) !== 0
}
