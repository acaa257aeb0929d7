/**
 * Ban book: the bans of one partition as the controller wishes them.
 *
 * Every change gives the whole wish of its subject with a higher revision, so what reaches a host last is right whatever was lost on
 * the way. It says no with a reason: an allowed subject, one that is too wide, or one beyond a cap is never wished.
 */
import { isV4Prefix, parsePrefix } from '@picket/schemas'
import { type AllowList, sayEntry } from './allow-list.ts'
import { remembered } from './ban-length.ts'
import {
  type BanAuthor,
  type BanRecord,
  inForce,
  MAX_REQUESTS,
  nextRevision,
  settled,
  TOMBSTONE_AFTER_MS,
  type Wish,
} from './ban-record.ts'
import { lengthOf } from './ban-subject.ts'
import type { BanCaps, BanLengths } from './decision-policy.ts'
import { type Reason, reason, spokenSeconds } from './reason.ts'
import { scopeOf } from './special-source.ts'

export interface BanRequest {
  /** The same request under the same id is taken in once. */
  readonly id: string
  readonly subject: string
  readonly seconds: number
  readonly hosts: readonly string[]
  readonly why: string
  readonly by: BanAuthor
  /** Broker's time of what speaks for it, ms: who lifts the ban after that has the last word. */
  readonly seenAt?: number
  readonly incident?: string
}

/** Of all books that one process keeps. */
export interface BanUsage {
  readonly lastMinute: number
  readonly inForce: number
}

export interface Placing {
  readonly now: number
  readonly allow: AllowList
  readonly caps: BanCaps
  readonly usage: BanUsage
  /** Nobody is banned for longer. */
  readonly mostSeconds: number
}

export type Placed =
  | { readonly ok: true; readonly record: BanRecord; readonly isNew: boolean }
  | { readonly ok: false; readonly reason: Reason }

export class BanBook {
  readonly #records = new Map<string, BanRecord>()

  get records(): readonly BanRecord[] {
    return [...this.#records.values()]
  }

  get(subject: string): BanRecord | undefined {
    return this.#records.get(subject)
  }

  /** Takes in what is stored, or what lies on the topic under our own signature. */
  put(record: BanRecord): void {
    this.#records.set(record.subject, record)
  }

  place(request: BanRequest, placing: Placing): Placed {
    const { subject, id, by, incident } = request
    const { now } = placing
    const before = this.#at(subject, now)
    if (before?.requests.includes(id) === true) return { ok: true, record: before, isNew: false }
    if (isLiftedSince(this.#records.get(subject), request))
      return { ok: false, reason: reason('lifted', 'not banned: the ban was lifted after this was seen') }
    const isNew = before === undefined || before.wishes.length === 0
    const refusal = refusalOf(request, placing, isNew)
    if (refusal !== undefined) return { ok: false, reason: refusal }
    const wishes = merged(before === undefined ? [] : inForce(before, now), wishOf(request, placing))
    const record: BanRecord = {
      subject,
      wishes,
      revision: nextRevision(before?.revision ?? 0, now),
      past: before?.past ?? [],
      requests: [...(before?.requests ?? []), id].slice(-MAX_REQUESTS),
      by,
      end: Math.max(...wishes.map(({ until }) => until)),
      isTombstoned: false,
      ...(incident === undefined ? {} : { incident }),
    }
    this.put(record)
    return { ok: true, record, isNew }
  }

  /** Undefined where nothing is in force. What is lifted is forgiven: it does not lengthen the next ban. */
  lift(subject: string, now: number): BanRecord | undefined {
    const before = this.#at(subject, now)
    if (before === undefined || before.wishes.length === 0) return undefined
    const revision = nextRevision(before.revision, now)
    const record = { ...before, wishes: [], revision, end: now }
    this.put(record)
    return record
  }

  liftCovered(allow: AllowList, now: number): BanRecord[] {
    const covered = this.inForce(now).filter(({ subject }) => allow.entryFor(subject, now) !== undefined)
    return covered.flatMap(({ subject }) => this.lift(subject, now) ?? [])
  }

  /** Our record again, behind what somebody else put on the topic, and above what it claims if that is credible. */
  reassert(subject: string, claimed: number, now: number): BanRecord {
    const before = this.#at(subject, now)
    const nothing = { subject, wishes: [], past: [], requests: [], by: 'topic', end: now } as const
    const record: BanRecord = {
      ...(before ?? nothing),
      revision: nextRevision(before?.revision ?? 0, now, claimed),
      isTombstoned: false,
    }
    this.put(record)
    return record
  }

  inForce(now: number): BanRecord[] {
    return this.records.filter((record) => inForce(record, now).length > 0)
  }

  usage(now: number): BanUsage {
    const active = this.inForce(now)
    const began = (from: number): boolean => from > now - 60_000
    return {
      inForce: active.length,
      lastMinute: active.filter(({ wishes, by }) => by !== 'hand' && wishes.some(({ from }) => began(from)))
        .length,
    }
  }

  /** Those to be taken off the topic. */
  tombstones(now: number): BanRecord[] {
    return this.records.filter(
      (record) =>
        !record.isTombstoned && inForce(record, now).length === 0 && now - record.end > TOMBSTONE_AFTER_MS,
    )
  }

  tombstoned(subject: string, now: number): BanRecord | undefined {
    const before = this.#at(subject, now)
    if (before === undefined) return undefined
    const record = { ...before, isTombstoned: true }
    this.put(record)
    return record
  }

  /** Off the topic, and with no history worth keeping. */
  forget(lengths: BanLengths, now: number): BanRecord[] {
    const gone = this.records.filter(
      (record) => record.isTombstoned && remembered(record.past, lengths, now).length === 0,
    )
    for (const { subject } of gone) this.#records.delete(subject)
    return gone
  }

  #at(subject: string, now: number): BanRecord | undefined {
    const record = this.#records.get(subject)
    return record === undefined ? undefined : settled(record, now)
  }
}

/**
 * As it is stored: a ban that ended by itself still has its wish there. Its end and not its revision, which rises above whatever somebody
 * else claims on the topic.
 */
function isLiftedSince(stored: BanRecord | undefined, { seenAt = 0 }: BanRequest): boolean {
  return seenAt > 0 && stored?.wishes.length === 0 && stored.end > seenAt
}

function wishOf({ seconds, hosts, why }: BanRequest, { now, mostSeconds }: Placing): Wish {
  const until = now + Math.min(Math.max(1, seconds), mostSeconds) * 1000
  return { hosts: [...hosts].sort(), from: now, until, why }
}

/** Two wishes for the same hosts are one, until the later end. */
function merged(before: readonly Wish[], wish: Wish): Wish[] {
  const name = (hosts: readonly string[]): string => JSON.stringify(hosts)
  const same = before.find(({ hosts }) => name(hosts) === name(wish.hosts))
  const until = Math.max(wish.until, same?.until ?? 0)
  return [...before.filter((other) => other !== same), { ...wish, from: same?.from ?? wish.from, until }]
}

function refusalOf(request: BanRequest, placing: Placing, isNew: boolean): Reason | undefined {
  const { subject, by } = request
  const { allow, now, caps, usage } = placing
  const prefix = parsePrefix(subject)
  if (prefix === undefined) return reason('special-address', `not banned: ${subject} is no address`)
  const entry = allow.entryFor(subject, now)
  if (entry !== undefined) return reason('allowlisted', `not banned: allowed by ${sayEntry(entry)}`)
  const widest = isV4Prefix(prefix) ? caps.widestV4 : caps.widestV6
  if (lengthOf(prefix) < widest) return reason('too-wide', `not banned: wider than /${widest}`)
  const scope = scopeOf(prefix.address)
  if (scope !== undefined) return reason('special-address', `not banned: ${subject} is ${scope}`)
  if (!isNew) return undefined
  if (usage.inForce >= caps.total)
    return reason('cap-total', `not banned: ${usage.inForce} bans are in force, the most allowed`)
  // a person's word is no flood
  if (by !== 'hand' && usage.lastMinute >= caps.perMinute)
    return reason(
      'cap-rate',
      `not banned: ${usage.lastMinute} bans within ${spokenSeconds(60)}, the most allowed`,
    )
  return undefined
}
