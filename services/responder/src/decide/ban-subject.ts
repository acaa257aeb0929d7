/**
 * Ban subject: what is banned when a source is, and how prefixes lie in each other. An IPv6 source is its /64: one machine holds it all.
 */
import {
  type Address,
  isV4Prefix,
  maskAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixOfSource,
  printPrefix,
  V4_BITS,
} from '@picket/schemas'

export function subjectOfSource(source: string): string | undefined {
  const address = parseAddress(source)
  return address === undefined ? undefined : printPrefix(prefixOfSource(address))
}

/** In its one spelling. A lone IPv6 address becomes its /64, since that is what is banned. */
export function canonicalSubject(text: string): string | undefined {
  const prefix = parsePrefix(text)
  if (prefix === undefined) return undefined
  if (!text.includes('/') && !isV4Prefix(prefix)) return printPrefix(prefixOfSource(prefix.address))
  return printPrefix(prefix)
}

/** As people write it: 0 to 32, or 0 to 128. */
export function lengthOf(prefix: Prefix): number {
  return isV4Prefix(prefix) ? prefix.bits - V4_BITS : prefix.bits
}

export function covers(outer: Prefix, inner: Prefix): boolean {
  if (isV4Prefix(outer) !== isV4Prefix(inner) || outer.bits > inner.bits) return false
  return sameBits(maskAddress(inner.address, outer.bits), outer.address)
}

/** The network of so many bits, of each family, that holds this subject. */
export function networkOf(prefix: Prefix, v4Bits: number, v6Bits: number): Prefix {
  const bits = Math.min(prefix.bits, isV4Prefix(prefix) ? V4_BITS + v4Bits : v6Bits)
  return { address: maskAddress(prefix.address, bits), bits }
}

function sameBits(a: Address, b: Address): boolean {
  return a.every((word, at) => word === b[at])
}
