/**
 * ServiceSet: which ports (or ICMP types) of which protocols a source asked for on any host; exact.
 *
 * Up to 768 it is a hash table (at most 4 KiB), from there on a bitmap per protocol (8 KiB), which is the smaller.
 */
import type { Packet } from '@picket/schemas'
import { WordSet } from './word-set.ts'

/** Value behind the ports: 65,536 + ICMP type, and one more for packets that have neither. */
const NO_PORT = 65_536
const VALUES = NO_PORT + 257
const MOST_IN_TABLE = 768

/** Protocol and port (or ICMP type) in one number above 0. */
export function serviceOf(packet: Packet): number {
  const { proto, dpt, icmpType } = packet
  const value = dpt >= 0 ? dpt : NO_PORT + (icmpType >= 0 ? icmpType & 255 : 256)
  return (proto & 255) * VALUES + value + 1
}

export class ServiceSet extends WordSet {
  private bitmaps: Map<number, Uint8Array> | null = null

  override add(service: number): boolean {
    if (this.bitmaps === null) {
      const isNew = super.add(service)
      if (this.size > MOST_IN_TABLE) this.turnIntoBitmaps()
      return isNew
    }
    const isNew = addBit(this.bitmaps, service)
    if (isNew) this.size++
    return isNew
  }

  /** Ascending, so by protocol and port. */
  services(): number[] {
    const services = this.bitmaps === null ? this.values() : [...this.bitmaps].flatMap(servicesOf)
    return services.sort((a, b) => a - b)
  }

  private turnIntoBitmaps(): void {
    this.bitmaps = new Map()
    for (const service of this.values()) addBit(this.bitmaps, service)
    this.slots = []
  }
}

/** True when it was not set. */
function addBit(bitmaps: Map<number, Uint8Array>, service: number): boolean {
  const proto = protocolOfService(service)
  const value = (service - 1) % VALUES
  let bitmap = bitmaps.get(proto)
  if (bitmap === undefined) {
    bitmap = new Uint8Array((VALUES >>> 3) + 1)
    bitmaps.set(proto, bitmap)
  }
  const byte = bitmap[value >>> 3] as number
  bitmap[value >>> 3] = byte | (1 << (value & 7))
  return (byte & (1 << (value & 7))) === 0
}

export function protocolOfService(service: number): number {
  return Math.floor((service - 1) / VALUES)
}

/** -1 for a service without port. */
export function portOfService(service: number): number {
  const value = (service - 1) % VALUES
  return value < NO_PORT ? value : -1
}

function servicesOf([proto, bitmap]: [number, Uint8Array]): number[] {
  const services: number[] = []
  for (let value = 0; value < VALUES; value++) {
    const isSet = ((bitmap[value >>> 3] as number) & (1 << (value & 7))) !== 0
    if (isSet) services.push(proto * VALUES + value + 1)
  }
  return services
}
