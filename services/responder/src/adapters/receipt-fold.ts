/**
 * Receipt fold: the heartbeats of one partition into its fleet book, and who is blind.
 *
 * That a host was told to be blind is noted after it was told: a crash in between tells it again rather than never.
 */
import type { Message, StoreKey } from '@picket/runtime'
import type { FleetEvents } from '../events.ts'
import { type BlindHost, type BrokerClock, blindHosts, FleetBook, type Process } from '../index.ts'
import { takeEach } from './dead-letters.ts'
import type { Folded, PartitionFold } from './fold-reader.ts'
import { readReceipt } from './read-message.ts'
import type { Seat } from './seat.ts'
import { decodeProcess, encodeProcess, processKey } from './stored-values.ts'

export interface ReceiptFoldOptions {
  readonly events: FleetEvents
  readonly clock: BrokerClock
}

export class ReceiptFold implements PartitionFold {
  readonly #book: FleetBook = new FleetBook()
  readonly #options: ReceiptFoldOptions
  readonly #seat: Seat
  #heard = 0
  #forgotten: Process[] = []

  constructor(options: ReceiptFoldOptions, seat: Seat) {
    this.#options = options
    this.#seat = seat
  }

  restore(value: Uint8Array): void {
    const process = decodeProcess(value)
    if (process !== undefined) this.#book.restore(process)
  }

  resume(): void {
    // Receipts lead to no output.
  }

  async room(): Promise<void> {
    // Nothing is under way.
  }

  fold(messages: readonly Message[]): Folded {
    const poison = takeEach(messages, ({ time, value }) => {
      const receipt = readReceipt(value)
      if (!receipt.ok) return receipt
      this.#heard++
      this.#book.hear(receipt.value, time)
      return undefined
    })
    return { values: this.#values(), outbox: [], poison }
  }

  #values(): Map<StoreKey, Uint8Array | null> {
    const values = new Map<StoreKey, Uint8Array | null>()
    for (const process of this.#forgotten) values.set(processKey(process), null)
    for (const process of this.#book.changed) values.set(processKey(process), encodeProcess(process))
    return values
  }

  kept(): void {
    const { events, clock } = this.#options
    events.receiptsHeard(this.#heard)
    for (const process of this.#book.heardAgain) events.heardAgain(process)
    this.#book.keep()
    this.#heard = 0
    this.#forgotten = this.#book.forget(clock.now(Date.now()))
  }

  dropped(): void {
    this.#book.discard()
    this.#heard = 0
  }

  async leave(): Promise<void> {
    // Nothing is under way.
  }

  get processes(): number {
    return this.#book.all.length
  }

  blind(now: number, listeningSince: number): BlindHost[] {
    return blindHosts(this.#book.all, now, listeningSince)
  }

  /** Tells of those that have fallen silent, once. */
  async look(now: number, listeningSince: number): Promise<void> {
    for (const process of this.#book.newlyBlind(now, listeningSince)) {
      const told = { ...process, toldBlind: true }
      this.#book.restore(told)
      this.#options.events.fellSilent(process, now)
      await this.#seat.note(processKey(told), encodeProcess(told))
    }
  }
}
