/**
 * Confirmations: which hosts have done what a ban asks for, by their receipts.
 *
 * Only hosts whose enforcer is alive are asked for: one that is off holds what it has, and catches up by itself. A refusal is an answer too.
 */
import type { BanRecord } from './ban-record.ts'
import { MISSED_BEATS } from './fleet-book.ts'

export interface HostAnswer {
  readonly revision: number
  /** applied, lifted, refused, expired or failed. */
  readonly outcome: string
  readonly why: string
}

interface EnforcerSign {
  readonly lastHeard: number
  readonly everyMs: number
  readonly isRunning: boolean
}

export interface Confirmed {
  /** Hosts that have to answer. */
  readonly hosts: number
  readonly applied: readonly string[]
  readonly refused: readonly { readonly host: string; readonly why: string }[]
  readonly failed: readonly { readonly host: string; readonly why: string }[]
  readonly missing: readonly string[]
}

/** A ban, and the hosts that were alive when it was asked of them. */
export interface Asked {
  readonly subject: string
  readonly revision: number
  readonly hosts: readonly string[]
}

const MAX_SUBJECTS = 50_000

export class Confirmations {
  readonly #enforcers = new Map<string, EnforcerSign>()
  /** By subject and host; the subject heard of longest ago goes first. */
  readonly #answers = new Map<string, Map<string, HostAnswer>>()

  heartbeat(host: string, sign: EnforcerSign): void {
    this.#enforcers.set(host, sign)
  }

  answer(host: string, subject: string, answer: HostAnswer): void {
    const ofSubject = this.#answers.get(subject) ?? new Map<string, HostAnswer>()
    const before = ofSubject.get(host)
    // a refusal may be of a forged message, far above any revision of ours: it hides no later answer
    const isLate = before !== undefined && before.revision > answer.revision && before.outcome !== 'refused'
    if (isLate) return
    ofSubject.set(host, answer)
    this.#answers.delete(subject)
    this.#answers.set(subject, ofSubject)
    if (this.#answers.size > MAX_SUBJECTS) this.#forgetOldest()
  }

  #forgetOldest(): void {
    const [oldest] = this.#answers.keys()
    if (oldest !== undefined) this.#answers.delete(oldest)
  }

  hosts(now: number): string[] {
    const isAlive = ({ isRunning, lastHeard, everyMs }: EnforcerSign): boolean =>
      isRunning && now - lastHeard <= MISSED_BEATS * everyMs
    return [...this.#enforcers].flatMap(([host, sign]) => (isAlive(sign) ? [host] : [])).sort()
  }

  of(record: Pick<BanRecord, 'subject' | 'revision' | 'wishes'>, now: number): Confirmed {
    return this.answersTo(this.asked(record, now))
  }

  asked(
    { subject, revision, wishes }: Pick<BanRecord, 'subject' | 'revision' | 'wishes'>,
    now: number,
  ): Asked {
    const lists = wishes.map(({ hosts }) => hosts)
    return { subject, revision, hosts: wantedHosts(lists, this.hosts(now)) }
  }

  answersTo({ subject, revision, hosts: wanted }: Asked): Confirmed {
    const answers = this.#answers.get(subject)
    const applied: string[] = []
    const refused: { host: string; why: string }[] = []
    const failed: { host: string; why: string }[] = []
    const missing: string[] = []
    for (const host of wanted) {
      const answer = answers?.get(host)
      if (answer === undefined || answer.revision < revision) missing.push(host)
      else if (answer.outcome === 'refused') refused.push({ host, why: answer.why })
      else if (answer.outcome === 'failed') failed.push({ host, why: answer.why })
      else applied.push(host)
    }
    return { hosts: wanted.length, applied, refused, failed, missing }
  }
}

function wantedHosts(lists: readonly (readonly string[])[], alive: readonly string[]): string[] {
  if (lists.some((hosts) => hosts.length === 0)) return [...alive]
  return alive.filter((host) => lists.some((hosts) => hosts.includes(host)))
}
