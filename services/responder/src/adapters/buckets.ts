/**
 * Buckets: many small things of one partition in the store, in a fixed number of values.
 *
 * The keys are fixed, so no list of them has to be kept, and a change writes a sixty-fourth of them.
 */
import type { StoreKey } from '@picket/runtime'
import { HIGH_SEED, hashText } from '@picket/schemas'
import type { Seat } from './seat.ts'

const BUCKETS = 64

export function bucketKeys(letter: string): StoreKey[] {
  return Array.from({ length: BUCKETS }, (_, bucket) => `${letter}${bucket}`)
}

export function decodeBuckets<T>(values: readonly (Uint8Array | null)[]): T[] {
  return values.flatMap((value) => (value === null ? [] : decode<T>(value)))
}

/** Writes the buckets of these names, of all things. False when the partition is another's by now. */
export async function saveBuckets<T>(
  seat: Seat,
  letter: string,
  names: Iterable<string>,
  all: readonly T[],
  nameOf: (thing: T) => string,
): Promise<boolean> {
  const buckets = new Set([...names].map(bucketOf))
  const puts = [...buckets].map((bucket) => ({
    key: `${letter}${bucket}`,
    value: encode(all.filter((thing) => bucketOf(nameOf(thing)) === bucket)),
  }))
  return seat.noteAll(puts)
}

function bucketOf(name: string): number {
  return (hashText(name, HIGH_SEED) >>> 0) % BUCKETS
}

function encode(things: readonly unknown[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(things))
}

function decode<T>(value: Uint8Array): T[] {
  try {
    return JSON.parse(new TextDecoder().decode(value)) as T[]
  } catch {
    return []
  }
}
