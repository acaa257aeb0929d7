/**
 * Follow-ups: alerts whose notice has left before all hosts had answered, until they have or are late.
 *
 * One that ends as was told says nothing more. Kept beside the bans of the partition, and begun before the notice is queued: after a crash
 * the alert is told as it was told before, whatever hosts have answered since, and then followed up.
 */
import { failpoint } from '@picket/runtime'
import { type Asked, type HostAnswers, hostsNotice, type IncidentNotice } from '../../index.ts'
import type { Noted, Seat } from '../seat.ts'

export interface FollowUp {
  /** As it was told. */
  readonly notice: IncidentNotice
  readonly channels: readonly string[]
  readonly asked: Asked
  /** When the hosts are late. */
  readonly dueAt: number
  /** Its notice may not be queued yet: nothing overtakes it before the hosts are late. */
  readonly isBegun?: boolean
}

export interface FollowUpsOptions {
  readonly homeOf: (subject: string) => number | undefined
  readonly answersTo: (asked: Asked) => HostAnswers
  readonly tell: (channel: string, notice: IncidentNotice) => Promise<void>
  /** Channels that are paged about a host that is late or fails: they are not told of it twice. */
  readonly operations: () => readonly string[]
  readonly now: () => number
}

interface Followed {
  readonly seat: Seat
  readonly pending: Map<string, FollowUp>
}

/** Of one partition; beyond it the oldest are told with what is known. */
const MOST = 500
const LIST_KEY = 'f'
const GONE = new Uint8Array(0)
const FORGET_SECONDS = 1

export class FollowUps {
  readonly #options: FollowUpsOptions
  readonly #partitions = new Map<number, Followed>()
  #looking: Promise<void> | undefined

  constructor(options: FollowUpsOptions) {
    this.#options = options
  }

  async own(seat: Seat): Promise<void> {
    const [list] = await seat.load([LIST_KEY])
    const ids = parse<readonly string[]>(list) ?? []
    const values = await seat.load(ids.map(keyOf))
    const pending = new Map<string, FollowUp>()
    for (const [at, id] of ids.entries()) {
      const followUp = parse<FollowUp>(values[at])
      if (followUp !== undefined) pending.set(id, followUp)
    }
    this.#partitions.set(seat.partition, { seat, pending })
  }

  disown(partition: number): void {
    this.#partitions.delete(partition)
  }

  /** Of this alert, as far as it has come. */
  of(id: string): FollowUp | undefined {
    for (const { pending } of this.#partitions.values()) {
      const followUp = pending.get(id)
      if (followUp !== undefined) return followUp
    }
    return undefined
  }

  /** Before the notice is queued. */
  begin(followUp: FollowUp): Promise<void> {
    return this.#put({ ...followUp, isBegun: true })
  }

  /** The notice is queued. */
  keep(followUp: FollowUp): Promise<void> {
    return this.#put({ ...followUp, isBegun: false })
  }

  /** Nothing is followed where the partition is another's by now: it tells the alert again. */
  async #put(followUp: FollowUp): Promise<void> {
    const followed = this.#partitions.get(this.#options.homeOf(followUp.asked.subject) ?? -1)
    if (followed === undefined) return
    const { pending } = followed
    const { id } = followUp.notice.alert
    pending.set(id, followUp)
    hurry(pending)
    await note(followed, id, { value: bytesOf(followUp) })
  }

  /** One look at a time. */
  look(): Promise<void> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #lookNow(): Promise<void> {
    for (const followed of [...this.#partitions.values()])
      for (const [id, followUp] of [...followed.pending]) await this.#see(followed, id, followUp)
  }

  async #see(followed: Followed, id: string, followUp: FollowUp): Promise<void> {
    const { answersTo, now, tell } = this.#options
    const answers = answersTo(followUp.asked)
    const isOpen = followUp.isBegun === true || answers.missing.length > 0
    if (isOpen && now() < followUp.dueAt) return
    const notice = hostsNotice(followUp.notice, answers, now())
    for (const channel of this.#toldOf(followUp, answers)) await tell(channel, notice)
    failpoint('responder.followed-up')
    followed.pending.delete(id)
    await note(followed, id, { value: GONE, ttlSeconds: FORGET_SECONDS })
  }

  #toldOf({ channels, notice }: FollowUp, answers: HostAnswers): readonly string[] {
    const before = notice.decision.answers
    if (answers.refused.length > (before?.refused.length ?? 0)) return channels
    const isShort = answers.missing.length > 0 || answers.failed.length > (before?.failed.length ?? 0)
    return isShort ? channels.filter((name) => !this.#options.operations().includes(name)) : []
  }
}

/** What is too many is due at once. */
function hurry(pending: Map<string, FollowUp>): void {
  const oldest = [...pending].slice(0, Math.max(pending.size - MOST, 0))
  for (const [id, followUp] of oldest) if (followUp.dueAt > 0) pending.set(id, { ...followUp, dueAt: 0 })
}

async function note({ seat, pending }: Followed, id: string, kept: Omit<Noted, 'key'>): Promise<void> {
  await seat.noteAll([
    { key: LIST_KEY, value: bytesOf([...pending.keys()]) },
    { key: keyOf(id), ...kept },
  ])
}

function keyOf(id: string): string {
  return `f${id}`
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

function parse<T>(value: Uint8Array | null | undefined): T | undefined {
  if (value === null || value === undefined || value.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(value)) as T
  } catch {
    return undefined
  }
}
