/**
 * Stored bans: the ban book of one partition in the store, in a fixed number of buckets.
 *
 * The keys are fixed, so no list of them has to be kept, and a change writes a sixty-fourth of the book.
 */
import { HIGH_SEED, hashText } from '@picket/schemas'
import type { BanRecord } from '../../index.ts'
import type { Seat } from '../seat.ts'

const BUCKETS = 64

export async function loadBans(seat: Seat): Promise<BanRecord[]> {
  const keys = Array.from({ length: BUCKETS }, (_, bucket) => keyOf(bucket))
  const values = await seat.load(keys)
  return values.flatMap((value) => (value === null ? [] : decode(value)))
}

/** Writes the buckets of these subjects. False when the partition is another's by now. */
export async function saveBans(
  seat: Seat,
  subjects: Iterable<string>,
  records: readonly BanRecord[],
): Promise<boolean> {
  const buckets = new Set([...subjects].map(bucketOf))
  const puts = [...buckets].map((bucket) => ({
    key: keyOf(bucket),
    value: encode(records.filter(({ subject }) => bucketOf(subject) === bucket)),
  }))
  return seat.noteAll(puts)
}

function bucketOf(subject: string): number {
  return (hashText(subject, HIGH_SEED) >>> 0) % BUCKETS
}

function keyOf(bucket: number): string {
  return `b${bucket}`
}

function encode(records: readonly BanRecord[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(records))
}

function decode(value: Uint8Array): BanRecord[] {
  try {
    return JSON.parse(new TextDecoder().decode(value)) as BanRecord[]
  } catch {
    return []
  }
}
