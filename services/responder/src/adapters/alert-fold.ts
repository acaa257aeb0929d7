/**
 * Alert fold: the alerts of one partition into its incident book, and what is worth telling into the outbox.
 *
 * What goes out is the alert as it came, under its own id, so whoever gets it twice can know it.
 */
import type { Message, Pending, StoreKey } from '@picket/runtime'
import type { AlertMessage } from '@picket/schemas/messages'
import type { FleetEvents } from '../events.ts'
import { type BookLimits, IncidentBook, type Judgement } from '../index.ts'
import { takeEach } from './dead-letters.ts'
import type { Folded, PartitionFold } from './fold-reader.ts'
import { readAlert } from './read-message.ts'
import { decodeIncident, encodeIncident, incidentKey } from './stored-values.ts'
import type { Teller } from './teller.ts'

export interface AlertFoldOptions {
  readonly limits: BookLimits
  readonly events: FleetEvents
  /** The broker's time. */
  readonly now: () => number
}

export class AlertFold implements PartitionFold {
  readonly #book: IncidentBook
  readonly #options: AlertFoldOptions
  readonly #teller: Teller
  /** Of the chunk that is not yet committed. */
  #judgements: Judgement['reason'][] = []
  #toTell: AlertMessage[] = []
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
  }

  resume(outbox: readonly Pending[]): void {
    for (const { place, value } of outbox) {
      const alert = readAlert(value)
      if (alert.ok) this.#teller.add([{ place, alert: alert.value }])
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
      const { tell, reason } = this.#book.weigh(alert.value, this.#options.now())
      this.#judgements.push(reason)
      if (reason !== 'known' && reason !== 'older') latest.set(alert.value.incident.id, alert.bytes)
      if (tell) {
        outbox.push(alert.bytes)
        this.#toTell.push(alert.value)
      }
      return undefined
    })
    return { values: this.#values(latest), outbox, poison }
  }

  #values(latest: ReadonlyMap<string, Uint8Array>): Map<StoreKey, Uint8Array | null> {
    const values = new Map<StoreKey, Uint8Array | null>()
    for (const incident of this.#forgotten) values.set(incidentKey(incident), null)
    for (const standing of this.#book.changed) {
      const alert = latest.get(standing.incident)
      if (alert !== undefined) values.set(incidentKey(standing.incident), encodeIncident(standing, alert))
    }
    return values
  }

  kept(place: number): void {
    this.#book.keep()
    for (const reason of this.#judgements) this.#options.events.alertWeighed(reason)
    this.#teller.add(this.#toTell.map((alert, index) => ({ place: place + index, alert })))
    this.#clear()
    this.#forgotten = this.#book.forget(this.#options.now())
  }

  dropped(): void {
    this.#book.discard()
    this.#clear()
  }

  #clear(): void {
    this.#judgements = []
    this.#toTell = []
  }

  leave(): Promise<void> {
    return this.#teller.leave()
  }
}
