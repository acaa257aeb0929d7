/**
 * Events of bans: with events.ts the only place where the responder logs or counts. What a person must know at once goes to the pager,
 * each matter once an hour at most.
 */
import type { Logger, Metrics } from '@picket/runtime'
import { ALLOWLIST_KEY } from '@picket/runtime/bans'
import type { AllowlistListener } from './adapters/bans/allowlist-authority.ts'
import type { AuthorityListener } from './adapters/bans/ban-authority.ts'
import type { Unconfirmed } from './adapters/bans/list-bans.ts'
import {
  type BanRecord,
  type BanRequest,
  DECISION_CODES,
  type Decision,
  type NewOperationalNotice,
  type Reason,
} from './index.ts'

export type Pager = (notice: NewOperationalNotice) => void

/** What speaks against a ban that somebody asks for; each is there from the start, else its first time is no increase. */
const REFUSING = ['allowlisted', 'special-address', 'too-wide', 'cap-rate', 'cap-total', 'no-key'] as const
const AGAIN_MS = 3_600_000
const SHOWN = 20

export class BanEvents implements AuthorityListener, AllowlistListener {
  readonly #log: Logger
  readonly #page: Pager
  readonly #now: () => number
  readonly #reasons: Record<string, number> = Object.fromEntries(DECISION_CODES.map((code) => [code, 0]))
  readonly #refused: Record<string, number> = Object.fromEntries(REFUSING.map((code) => [code, 0]))
  readonly #paged = new Map<string, number>()
  #published = 0
  #foreign = 0
  #isFailing = false

  constructor(log: Logger, metrics: Metrics, page: Pager, now: () => number) {
    this.#log = log
    this.#page = page
    this.#now = now
    const by = (name: string, help: string, label: string, counts: Record<string, number>): void =>
      metrics.counterBy(`picket_responder_${name}_total`, help, label, () => counts)
    by('decision_reasons', 'Reasons of decisions.', 'reason', this.#reasons)
    by('bans_refused', 'Bans that were asked for and not wished.', 'reason', this.#refused)
    const count = (name: string, help: string, read: () => number): void =>
      metrics.counter(`picket_responder_${name}_total`, help, read)
    count('bans_published', 'Signed wishes that were published.', () => this.#published)
    count('bans_foreign', 'Messages among the bans that are not ours.', () => this.#foreign)
  }

  watch(metrics: Metrics, inForce: () => number): void {
    metrics.gauge('picket_responder_bans_in_force', 'Bans in force in our partitions.', inForce)
  }

  starts(mode: string, remarks: readonly string[]): void {
    this.#log.info({ bans: mode }, MODES[mode] ?? mode)
    this.remarks(remarks)
  }

  remarks(remarks: readonly string[]): void {
    for (const remark of remarks) this.#log.warn(remark)
  }

  decided({ reasons }: Decision): void {
    for (const { code } of reasons) this.#reasons[code] = (this.#reasons[code] ?? 0) + 1
  }

  published({ subject, wishes, revision, by }: BanRecord): void {
    this.#published++
    const until = Math.max(0, ...wishes.map((wish) => wish.until))
    const text = wishes.length === 0 ? 'a ban is lifted' : 'a ban is wished'
    this.#log.info({ subject, revision, by, until: until === 0 ? null : new Date(until).toISOString() }, text)
  }

  allowlistPublished(revision: number, entries: number): void {
    this.#published++
    this.#log.info({ revision, entries }, 'the allowlist is signed and published to every host')
  }

  allowlistAdopted(entries: number): void {
    this.#log.warn(
      { entries },
      'the store had lost the allowlist, or knew an older one: it is taken back from the topic',
    )
  }

  publishFailed(error: Error): void {
    this.#log.error({ err: error }, 'a ban is kept and could not be published yet; it is tried again')
  }

  refused({ subject, by }: BanRequest, { code, text }: Reason): void {
    this.#refused[code] = (this.#refused[code] ?? 0) + 1
    this.#log.warn({ subject, by, reason: code }, text)
    if (code !== 'cap-rate' && code !== 'cap-total') return
    this.#pageOnce(code, `Bans are braked: ${text}`, [`The last one not wished is ${subject}.`])
  }

  foreign(subject: string): void {
    this.#foreign++
    const what = subject === ALLOWLIST_KEY ? 'An allowlist' : `A ban of ${subject}`
    const text = `${what} was written by somebody else`
    this.#log.error({ subject }, text)
    this.#pageOnce('foreign-ban', text, [
      'It lies on the topic of bans and is not signed with our key; our own record was written on top of it.',
      'Only the responder may write there: look at the ACLs (picket topics acl).',
    ])
  }

  unconfirmed(all: readonly Unconfirmed[]): void {
    for (const { host, subjects } of all) {
      const text = `${host} has not done ${subjects.length} of the bans asked of it`
      const isNew = this.#pageOnce(`unconfirmed-${host}`, text, subjects.slice(0, SHOWN))
      if (isNew) this.#log.error({ host, bans: subjects.length }, text)
    }
  }

  lookFailed(error: Error): void {
    if (!this.#isFailing)
      this.#log.error({ err: error }, 'bans cannot be looked after just now; it is tried again')
    this.#isFailing = true
  }

  lookWent(): void {
    if (this.#isFailing) this.#log.warn('bans are looked after again')
    this.#isFailing = false
  }

  /** Nested: what somebody asked must not pass for a field of the line's own, as its time. */
  command(asked: Readonly<Record<string, unknown>>): void {
    this.#log.warn({ asked }, 'somebody asked by the control socket')
  }

  /** False when it was paged within the hour. */
  #pageOnce(topic: string, summary: string, details: readonly string[]): boolean {
    const now = this.#now()
    const before = this.#paged.get(topic)
    if (before !== undefined && now - before < AGAIN_MS) return false
    this.#paged.set(topic, now)
    this.#page({ topic, time: now, severity: 'page', summary, details })
    return true
  }
}

const MODES: Readonly<Record<string, string>> = {
  enabled: 'bans are enabled: what the rules ask for is signed and published',
  'dry-run': 'bans are a dry run: it is said who would have been banned, and nobody is (picket bans enable)',
  'no-key': 'there is no key to sign bans: it is only said who would have been banned (picket keys make)',
}
