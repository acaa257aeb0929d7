/**
 * Alert fold: the alerts of one partition into its incident book, and what is to be done about them into the outbox.
 *
 * What goes out is the alert as it came, under its own id, so whoever gets it twice can know it. What was decided is kept with it: a
 * crash carries out the same decision, and decides nothing again.
 */
import type { Message, Pending, StoreKey } from '@picket/runtime'
import { type AlertMessage, alertOf } from '@picket/schemas/messages'
import type { FleetEvents } from '../events.ts'
import {
  type BookLimits,
  counting,
  type Decision,
  EXTERNAL_SCRIPT,
  IncidentBook,
  type Judgement,
  NOTHING_TOLD,
  type ToldCount,
} from '../index.ts'
import type { Deciding } from '../response.ts'
import { takeEach } from './dead-letters.ts'
import type { Folded, PartitionFold } from './fold-reader.ts'
import { readAlert } from './read-message.ts'
import type { Seat } from './seat.ts'
import {
  countKey,
  type DecidedAlert,
  decodeCount,
  decodeDecided,
  decodeIncident,
  encodeCount,
  encodeDecided,
  encodeIncident,
  incidentKey,
} from './stored-values.ts'
import type { Teller } from './teller.ts'

export interface AlertFoldOptions {
  readonly limits: BookLimits
  readonly events: FleetEvents
  /** Undefined: alerts are only told to the sinks. */
  readonly deciding: Deciding | undefined
  readonly seat: Seat
  /** The broker's time. */
  readonly now: () => number
}

type Read = Extract<ReturnType<typeof readAlert>, { ok: true }>

export class AlertFold implements PartitionFold {
  readonly #book: IncidentBook
  readonly #options: AlertFoldOptions
  readonly #teller: Teller
  /** Where mails are limited: by source. */
  readonly #counts = new Map<string, ToldCount>()
  /** Of the chunk that is not yet committed. */
  #judgements: Judgement['reason'][] = []
  #decided: DecidedAlert[] = []
  #newCounts = new Map<string, ToldCount>()
  /** Forgotten by the book and not yet by the store. */
  #forgotten: string[] = []

  constructor(options: AlertFoldOptions, teller: Teller) {
    this.#options = options
    this.#book = new IncidentBook(options.limits)
    this.#teller = teller
  }

  get incidents(): number {
    return this.#book.size
  }

  get waiting(): number {
    return this.#teller.waiting
  }

  restore(value: Uint8Array): void {
    const stored = decodeIncident(value)
    if (stored !== undefined) this.#book.restore(stored.standing)
    const count = decodeCount(value)
    if (count !== undefined) this.#counts.set(count.counts, { told: count.told, offered: count.offered })
  }

  async prepare(): Promise<void> {
    await this.#options.deciding?.own(this.#options.seat)
  }

  resume(outbox: readonly Pending[]): void {
    for (const { place, value } of outbox) {
      const decided = decodeDecided(value)
      if (decided !== undefined) this.#teller.add([{ place, decided }])
    }
  }

  room(): Promise<void> {
    return this.#teller.room()
  }

  fold(messages: readonly Message[]): Folded {
    const latest = new Map<string, Uint8Array>()
    const outbox: Uint8Array[] = []
    const poison = takeEach(messages, ({ value }) => {
      const alert = readAlert(value)
      if (!alert.ok) return alert
      const judgement = this.#book.weigh(alert.value, this.#options.now())
      this.#judgements.push(judgement.reason)
      if (judgement.reason === 'known' || judgement.reason === 'older') return undefined
      const decided = this.#decide(alert.value, judgement)
      latest.set(alert.value.incident.id, alert.bytes)
      if (!judgement.tell && !isToDo(decided.decision)) return undefined
      this.#decided.push(decided)
      outbox.push(encodeDecided(decided, (alert as Read).bytes))
      return undefined
    })
    return { values: this.#values(latest), outbox, poison }
  }

  #decide(alert: AlertMessage, judgement: Judgement): DecidedAlert {
    const { deciding, now } = this.#options
    const at = now()
    const isNews = judgement.tell
    if (deciding === undefined) return { alert, decision: undefined, at, isNews }
    const key = deciding.countedBy(alert)
    const told = this.#newCounts.get(key) ?? this.#counts.get(key) ?? NOTHING_TOLD
    const decision = deciding.decide(alertOf(alert), judgement, told)
    if (deciding.isLimiting) this.#newCounts.set(key, counted(told, decision))
    const { reasons, tell, ban } = decision
    this.#book.noteDecision(alert.incident.id, {
      ...{ at, level: alert.incident.level, reasons, tell: tell.map(({ channel }) => channel) },
      ban: ban === undefined ? null : { subject: ban.subject, seconds: ban.seconds, mode: ban.mode },
    })
    return { alert, decision, at, isNews }
  }

  #values(latest: ReadonlyMap<string, Uint8Array>): Map<StoreKey, Uint8Array | null> {
    const values = new Map<StoreKey, Uint8Array | null>()
    for (const incident of this.#forgotten) values.set(incidentKey(incident), null)
    for (const standing of this.#book.changed) {
      const alert = latest.get(standing.incident)
      if (alert !== undefined) values.set(incidentKey(standing.incident), encodeIncident(standing, alert))
    }
    for (const [counts, count] of this.#newCounts)
      values.set(countKey(counts), encodeCount({ counts, ...count }))
    return values
  }

  kept(place: number): void {
    const { events, deciding, now } = this.#options
    this.#book.keep()
    for (const reason of this.#judgements) events.alertWeighed(reason)
    for (const { decision } of this.#decided) if (decision !== undefined) deciding?.decided(decision)
    for (const [key, count] of this.#newCounts) this.#counts.set(key, count)
    this.#teller.add(this.#decided.map((decided, index) => ({ place: place + index, decided })))
    this.#clear()
    this.#forgotten = this.#book.forget(now())
  }

  dropped(): void {
    this.#book.discard()
    this.#clear()
  }

  #clear(): void {
    this.#judgements = []
    this.#decided = []
    this.#newCounts = new Map()
  }

  async leave(): Promise<void> {
    await this.#teller.leave()
    this.#options.deciding?.disown(this.#options.seat.partition)
  }
}

function isToDo(decision: Decision | undefined): boolean {
  return decision !== undefined && (decision.tell.length > 0 || decision.ban !== undefined)
}

function counted(before: ToldCount, { tell, reasons }: Decision): ToldCount {
  const isTold = tell.some(({ channel }) => channel !== EXTERNAL_SCRIPT)
  const isLimited = reasons.some(({ code }) => code === 'mail-limit' || code === 'mail-throttle')
  return counting(before, isTold || isLimited, isTold)
}
