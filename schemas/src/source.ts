/**
 * Source: whom a packet counts for, and where. An IPv4 address stands for itself, an IPv6 address for its /64, since one
 * machine holds all of one.
 *
 * Partitions and keys are stored and sent: what these functions answer may never change (golden values in the tests).
 */
import { type Address, isV4, maskAddress, V4_MARK } from './address.ts'
import { mix, stir } from './hash.ts'
import type { Prefix } from './prefix.ts'

const V6_SOURCE_BITS = 64

export function prefixOfSource(source: Address): Prefix {
  const bits = isV4(source) ? 128 : V6_SOURCE_BITS
  return { address: maskAddress(source, bits), bits }
}

/** The bytes of the prefix as UTF-16 units: 4 for IPv4, 8 for the /64. */
export function sourceKey(source: Address): string {
  if (isV4(source)) return wordKey(source[3] as number)
  return wordKey(source[0] as number) + wordKey(source[1] as number)
}

function wordKey(word: number): string {
  return String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255)
}

const PARTITION_SEED = 0x7061636b

/** From 0 to `partitions` - 1, all alike often. Every packet of a source prefix has the same one. */
export function partitionOf(source: Address, partitions: number): number {
  const v4 = isV4(source)
  const high = stir(PARTITION_SEED, v4 ? V4_MARK : (source[0] as number))
  const hash = mix(stir(high, v4 ? (source[3] as number) : (source[1] as number)))
  return Math.floor(((hash >>> 0) * partitions) / 2 ** 32)
}
