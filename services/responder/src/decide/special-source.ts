/**
 * Special source: addresses that no ban can be meant for, in words (RFC 6890).
 *
 * Private networks are not among them: a neighbour there can be banned. Each host refuses all of this again by itself.
 */
import { type Address, isV4 } from '@picket/schemas'

/** Undefined for an address that may be banned. */
export function scopeOf(address: Address | undefined): string | undefined {
  if (address === undefined) return 'no address'
  return isV4(address) ? scopeOfV4((address[3] as number) >>> 0) : scopeOfV6(address)
}

function scopeOfV4(word: number): string | undefined {
  const octet = word >>> 24
  if (octet === 0) return 'no address of a host (0.0.0.0/8)'
  if (octet === 127) return 'loopback'
  if (word >>> 16 === 0xa9fe) return 'link-local'
  if (word === 0xffffffff) return 'broadcast'
  if (octet >= 240) return 'reserved'
  return octet >= 224 ? 'multicast' : undefined
}

function scopeOfV6(address: Address): string | undefined {
  const top = (address[0] as number) >>> 0
  if (top >>> 24 === 0xff) return 'multicast'
  if (top >>> 22 === 0x3fa) return 'link-local'
  if (address[0] !== 0 || address[1] !== 0) return undefined
  return address[2] === 0 && address[3] === 1 ? 'loopback' : 'reserved'
}
