/**
 * Ban record: all that the controller holds of one subject: the whole wish as it was last signed, and the bans that were.
 *
 * A record without a wish that lies ahead is no ban. It stays for its history, and so that its revision never falls back.
 */
import type { PastBan } from './ban-length.ts'

export interface Wish {
  /** Reporters; none is all. */
  readonly hosts: readonly string[]
  readonly from: number
  readonly until: number
  readonly why: string
}

export interface BanRecord {
  /** Canonical address or prefix. */
  readonly subject: string
  readonly wishes: readonly Wish[]
  readonly revision: number
  /** Bans that ended by themselves; what was lifted is forgiven. */
  readonly past: readonly PastBan[]
  /** Requests that this record has taken in, newest last: one that comes again changes nothing. */
  readonly requests: readonly string[]
  readonly by: BanAuthor
  /** For what a rule banned it; left out where the ban was read off the topic. */
  readonly incident?: string
  /** When the last wish ends, or was lifted. */
  readonly end: number
  readonly isTombstoned: boolean
}

export const BAN_AUTHORS = ['rule', 'hand', 'widening', 'topic'] as const
export type BanAuthor = (typeof BAN_AUTHORS)[number]

export const MAX_REQUESTS = 16
export const MAX_PAST = 32
/** A tombstone never changes a kernel: so long after the end nobody holds the ban any more. */
export const TOMBSTONE_AFTER_MS = 86_400_000
/** Beyond it a number cannot rise by one for certain. */
const LAST_REVISION = Number.MAX_SAFE_INTEGER - 2 ** 20

export function inForce({ wishes }: Pick<BanRecord, 'wishes'>, now: number): Wish[] {
  return wishes.filter(({ until }) => until > now)
}

/** Undefined when nothing is in force. */
export function bannedUntil(record: BanRecord | undefined, now: number): number | undefined {
  if (record === undefined) return undefined
  const ends = inForce(record, now).map(({ until }) => until)
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/** DESIGN 5: above whatever lies on the topic, and above what any other clock may have given. */
export function nextRevision(before: readonly number[], now: number): number {
  const known = before.filter((revision) => revision < LAST_REVISION)
  return Math.max(Math.floor(now) * 1000, ...known.map((revision) => revision + 1))
}

/** A ban whose time has passed becomes history. */
export function settled(record: BanRecord, now: number): BanRecord {
  const { wishes, past } = record
  const hasEnded = wishes.length > 0 && inForce(record, now).length === 0
  if (!hasEnded) return record
  const from = Math.min(...wishes.map((wish) => wish.from))
  const until = Math.max(...wishes.map((wish) => wish.until))
  return { ...record, wishes: [], past: [...past, { from, until }].slice(-MAX_PAST) }
}
