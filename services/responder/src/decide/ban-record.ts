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
/** Beyond 2^52 no reader of the messages takes a number: what is signed there is no ban to anybody. */
const LAST_REVISION = 2 ** 52 - 2 ** 20
/** A revision is the microsecond that gave it, so no honest clock has given one that lies further ahead. */
const CREDIBLE_AHEAD_MS = 86_400_000

export function inForce({ wishes }: Pick<BanRecord, 'wishes'>, now: number): Wish[] {
  return wishes.filter(({ until }) => until > now)
}

/** Undefined when nothing is in force. */
export function bannedUntil(record: BanRecord | undefined, now: number): number | undefined {
  if (record === undefined) return undefined
  const ends = inForce(record, now).map(({ until }) => until)
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/**
 * DESIGN 5: above whatever lies on the topic, and above what any other clock may have given. `claimed` is of a message that we did not
 * sign: who forges it must not drive ours to where they can rise no more. Hosts refuse it whatever it claims, so ours may lie below.
 */
export function nextRevision(own: number, now: number, claimed = 0): number {
  const least = Math.floor(now) * 1000
  const aboveOwn = own < LAST_REVISION ? own + 1 : least
  const isCredible = claimed < least + CREDIBLE_AHEAD_MS * 1000
  return Math.max(least, aboveOwn, isCredible ? claimed + 1 : 0)
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
