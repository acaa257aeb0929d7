/**
 * Hashes: MurmurHash3 (x86, 32 bits; A. Appleby, public domain), one lane for tables and sketches, two for ids.
 *
 * Not cryptographic. Ids only have to be the same on every machine; tables that a stranger fills by choosing
 * addresses are seeded by whoever builds them.
 */
import type { Address } from './address.ts'

/** The finalizer: every bit of the input moves every bit of the output. */
export function mix(word: number): number {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** One step: takes a word into a running hash. End with `mix`. */
export function stir(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = (k << 15) | (k >>> 17)
  const h = hash ^ Math.imul(k, 0x1b873593)
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

export function hashAddress(address: Address, seed: number): number {
  let h = stir(seed, address[0] as number)
  h = stir(h, address[1] as number)
  h = stir(h, address[2] as number)
  return mix(stir(h, address[3] as number))
}

/** The two lanes of a 64-bit id differ in their seed only. */
export const HIGH_SEED = 0x7069636b
export const LOW_SEED = 0x65742e31

/** Over UTF-16 units, so that no encoder is needed. */
export function hashText(text: string, seed: number): number {
  let h = seed
  for (let i = 0; i < text.length; i++) h = stir(h, text.charCodeAt(i))
  return mix(h ^ text.length)
}

/** 16 hex digits. */
export function printId(high: number, low: number): string {
  return hex(high) + hex(low)
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
