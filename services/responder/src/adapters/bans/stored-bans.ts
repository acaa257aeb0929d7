/** Stored bans: the ban book of one partition in the store. */
import type { BanRecord } from '../../index.ts'
import { bucketKeys, decodeBuckets, saveBuckets } from '../buckets.ts'
import type { Seat } from '../seat.ts'

const LETTER = 'b'

export async function loadBans(seat: Seat): Promise<BanRecord[]> {
  return decodeBuckets(await seat.load(bucketKeys(LETTER)))
}

/** Writes what holds these subjects. False when the partition is another's by now. */
export function saveBans(
  seat: Seat,
  subjects: Iterable<string>,
  records: readonly BanRecord[],
): Promise<boolean> {
  return saveBuckets(seat, LETTER, subjects, records, ({ subject }) => subject)
}
