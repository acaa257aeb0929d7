/**
 * Ban authority: who signs the bans of one partition, as long as the partition is ours.
 *
 * A change is first kept in the store, then published; what could not be published is by the next look, since each look compares the book
 * with the topic. So a ban is state: nothing here has to be delivered exactly once.
 */
import { failpoint, type Producer } from '@picket/runtime'
import { type SigningKey, signBan } from '@picket/runtime/bans'
import {
  type AllowList,
  adopted,
  BanBook,
  type BanLengths,
  type BanRecord,
  type BanRequest,
  checkTopic,
  type Placed,
  type Placing,
} from '../../index.ts'
import type { Seat } from '../seat.ts'
import { loadBans, saveBans } from './stored-bans.ts'
import type { TopicWatch } from './topic-watch.ts'

export interface AuthorityListener {
  published(record: BanRecord): void
  publishFailed(error: Error): void
  /** Somebody else wrote there. */
  foreign(subject: string): void
}

export interface AuthorityOptions {
  readonly seat: Seat
  readonly topic: string
  readonly watch: TopicWatch
  readonly producer: () => Producer
  readonly key: SigningKey
  readonly lengths: () => BanLengths
  readonly now: () => number
  readonly listener: AuthorityListener
}

/** The partition is another's by now: who owns it will be asked again. */
export class BanPartitionLost extends Error {
  override readonly name = 'BanPartitionLost'
  readonly reason = 'fenced'
  readonly retryable = true
}

export class BanAuthority {
  readonly book: BanBook = new BanBook()
  readonly #options: AuthorityOptions
  /** Changed and not yet stored. */
  readonly #unsaved = new Set<string>()
  #turn: Promise<unknown> = Promise.resolve()
  #hasRead = false

  constructor(options: AuthorityOptions) {
    this.#options = options
  }

  /** Before anything is asked of it. */
  async load(): Promise<void> {
    for (const record of await loadBans(this.#options.seat)) this.book.put(record)
  }

  place(request: BanRequest, placing: () => Placing): Promise<Placed> {
    return this.#inTurn(async () => {
      await this.#readOnce()
      const placed = this.book.place(request, placing())
      if (placed.ok) await this.#keep([placed.record])
      return placed
    })
  }

  /** Undefined where nothing was in force. */
  lift(subject: string): Promise<BanRecord | undefined> {
    return this.#inTurn(async () => {
      await this.#readOnce()
      const record = this.book.lift(subject, this.#options.now())
      if (record !== undefined || this.#unsaved.size > 0)
        await this.#keep(record === undefined ? [] : [record])
      return record
    })
  }

  liftCovered(allow: AllowList): Promise<readonly BanRecord[]> {
    return this.#inTurn(async () => {
      const lifted = this.book.liftCovered(allow, this.#options.now())
      if (lifted.length > 0) await this.#keep(lifted)
      return lifted
    })
  }

  /** Compares the book with the topic, and mends what differs. */
  look(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#options.watch.catchUp()
      this.#hasRead = true
      const subjects = new Set([
        ...this.#options.watch.subjects,
        ...this.book.records.map(({ subject }) => subject),
      ])
      const toPublish = [...subjects].flatMap((subject) => this.#check(subject) ?? [])
      await this.#keep(toPublish)
      await this.#bury()
    })
  }

  /** For what lies in this partition beside bans, with the topic read to its end. */
  withTopic<T>(work: (watch: TopicWatch) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#options.watch.catchUp()
      return work(this.#options.watch)
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.catch(() => undefined).then(work)
    this.#turn = turn
    return turn
  }

  /** Else a revision could lie below one that is on the topic. */
  async #readOnce(): Promise<void> {
    if (this.#hasRead) return
    await this.#options.watch.catchUp()
    for (const subject of this.#options.watch.subjects) this.#check(subject)
    this.#hasRead = true
  }

  /** The record that has to be published. */
  #check(subject: string): BanRecord | undefined {
    const { watch, now, listener } = this.#options
    const there = watch.of(subject)
    const record = this.book.get(subject)
    switch (checkTopic(record, there)) {
      case 'publish':
        return record
      case 'adopt':
        if (there !== undefined) this.book.put(adopted(subject, there, record))
        this.#unsaved.add(subject)
        return undefined
      case 'foreign': {
        listener.foreign(subject)
        this.#unsaved.add(subject)
        return this.book.reassert(subject, there?.revision ?? 0, now())
      }
      default:
        return undefined
    }
  }

  async #keep(records: readonly BanRecord[]): Promise<void> {
    for (const { subject } of records) this.#unsaved.add(subject)
    await this.#save()
    if (records.length > 0) failpoint('responder.ban-kept')
    await this.#publish(records)
  }

  async #save(): Promise<void> {
    if (this.#unsaved.size === 0) return
    const subjects = [...this.#unsaved]
    if (!(await saveBans(this.#options.seat, subjects, this.book.records)))
      throw new BanPartitionLost('the bans of this partition are another responder’s by now')
    for (const subject of subjects) this.#unsaved.delete(subject)
  }

  async #publish(records: readonly BanRecord[]): Promise<void> {
    const { producer, topic, seat, watch, key, listener } = this.#options
    if (records.length === 0) return
    const messages = records.map(({ subject, wishes, revision }) => ({
      key: new TextEncoder().encode(subject),
      value: signBan({ subject, wishes, revision }, key),
    }))
    try {
      await producer().send(topic, seat.partition, messages)
    } catch (error) {
      // the next look publishes them
      listener.publishFailed(error as Error)
      return
    }
    failpoint('responder.ban-published')
    for (const record of records) {
      watch.sent(record.subject, { revision: record.revision, wishes: record.wishes, isOurs: true })
      listener.published(record)
    }
  }

  /** Takes off the topic what ended a day ago, and out of the book what nobody remembers. */
  async #bury(): Promise<void> {
    const { producer, topic, seat, watch, lengths, now } = this.#options
    const ended = this.book.tombstones(now())
    if (ended.length > 0) {
      const messages = ended.map(({ subject }) => ({ key: new TextEncoder().encode(subject), value: null }))
      await producer().send(topic, seat.partition, messages)
      for (const { subject } of ended) {
        this.book.tombstoned(subject, now())
        watch.sent(subject, undefined)
        this.#unsaved.add(subject)
      }
    }
    for (const { subject } of this.book.forget(lengths(), now())) this.#unsaved.add(subject)
    await this.#save()
  }
}
