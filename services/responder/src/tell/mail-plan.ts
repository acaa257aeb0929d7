/**
 * Mail plan: what a channel for people has been told, and what is held back for a digest. Plain JSON, to be kept across restarts.
 */
import type { Kind } from '@picket/schemas'
import { type DigestEntry, type IncidentNotice, whoOf } from './notice.ts'

/** Times in ms. */
export interface MailBudget {
  /** Mails of any kind within an hour, at most. The last one is always a digest. */
  readonly perHour: number
  /** So many mails within `digestEveryMs` leave at once; what comes then is gathered. */
  readonly digestAfter: number
  /** How long the first digest gathers. */
  readonly gatherMs: number
  /** Time between digests. */
  readonly digestEveryMs: number
}

export const DEFAULT_MAIL_BUDGET: MailBudget = {
  perHour: 10,
  digestAfter: 2,
  gatherMs: 60_000,
  digestEveryMs: 900_000,
}

/** What was said about an incident. */
export interface Said {
  readonly level: number
  readonly kinds: readonly Kind[]
  /** The mail that began its thread. */
  readonly messageId: string
  /** Notices about what hosts answered, the last few. */
  readonly hosts?: readonly string[]
}

/** What waits for the next digest. */
export interface Held {
  readonly since: number
  /** By incident. */
  readonly entries: Readonly<Record<string, DigestEntry>>
  readonly unlisted: { readonly notices: number; readonly level: number }
  readonly operational: readonly string[]
  /** The notice itself, as long as it is the only one. */
  readonly only: IncidentNotice | null
  /** Id of the first alert: it names the digest, so that the same digest made twice has one name. */
  readonly firstId: string
}

export interface MailPlan {
  /** When mails left within the last hour, oldest first. */
  readonly sent: readonly number[]
  readonly lastDigest: number | null
  readonly held: Held | null
  /** By incident, longest unchanged first. */
  readonly said: Readonly<Record<string, Said>>
}

export const EMPTY_PLAN: MailPlan = { sent: [], lastDigest: null, held: null, said: {} }

const MAX_SAID = 1_000
const MAX_HOSTS_SAID = 4
const MAX_ENTRIES = 200
const MAX_OPERATIONAL = 50

export function remember(plan: MailPlan, incident: string, said: Said): MailPlan['said'] {
  const { [incident]: before, ...others } = plan.said
  const merged: Said =
    before === undefined
      ? said
      : {
          level: Math.max(before.level, said.level),
          kinds: [...new Set([...before.kinds, ...said.kinds])],
          messageId: before.messageId,
          ...hostsSaid([...(before.hosts ?? []), ...(said.hosts ?? [])]),
        }
  const kept = Object.entries(others)
  return Object.fromEntries([...kept.slice(Math.max(kept.length - MAX_SAID + 1, 0)), [incident, merged]])
}

function hostsSaid(ids: readonly string[]): Pick<Said, 'hosts'> {
  return ids.length === 0 ? {} : { hosts: [...new Set(ids)].slice(-MAX_HOSTS_SAID) }
}

/** Adds an incident to what is held; beyond the bound the least alarming is counted in place of being listed. */
export function hold(held: Held | null, notice: IncidentNotice, now: number): Held {
  const entry = entryOf(notice)
  if (held === null) {
    return { ...nothingHeld(now, notice.id), entries: { [entry.incident]: entry }, only: notice }
  }
  const entries = { ...held.entries, [entry.incident]: entry }
  const isAlone =
    Object.keys(entries).length === 1 && held.operational.length === 0 && held.unlisted.notices === 0
  const next = { ...held, entries, only: isAlone ? notice : null }
  return Object.keys(entries).length > MAX_ENTRIES ? withoutLeast(next) : next
}

export function holdOperational(held: Held | null, id: string, summary: string, now: number): Held {
  const before = held ?? nothingHeld(now, id)
  if (before.operational.length >= MAX_OPERATIONAL) {
    return { ...before, unlisted: { ...before.unlisted, notices: before.unlisted.notices + 1 } }
  }
  return { ...before, operational: [...before.operational, summary], only: null }
}

function nothingHeld(since: number, firstId: string): Held {
  return { since, entries: {}, unlisted: { notices: 0, level: 0 }, operational: [], only: null, firstId }
}

function withoutLeast(held: Held): Held {
  const all = Object.values(held.entries)
  const least = all.reduce((calm, entry) => (worse(entry, calm) < 0 ? calm : entry))
  const { [least.incident]: _, ...entries } = held.entries
  const { notices, level } = held.unlisted
  return { ...held, entries, unlisted: { notices: notices + 1, level: Math.max(level, least.level) } }
}

/** Worst first. */
export function sorted(entries: readonly DigestEntry[]): DigestEntry[] {
  return [...entries].sort(worse)
}

function worse(a: DigestEntry, b: DigestEntry): number {
  return b.level - a.level || b.packets - a.packets || a.firstSeen - b.firstSeen
}

function entryOf({ alert, decision }: IncidentNotice): DigestEntry {
  const { incident } = alert
  const { level, kinds, packets, hostCount, portCount, firstSeen, lastSeen } = incident
  const seen = { level, kinds, packets, hostCount, portCount, firstSeen, lastSeen }
  return { incident: incident.id, who: whoOf(incident), ...seen, outcome: decision.outcome }
}
