/**
 * Fold reader: reads a topic partition by partition, folds what comes, and commits state and offset in one step.
 *
 * Nothing that a fold made of a chunk counts before its commit is done: when the store refuses or is away, the fold drops
 * it, and the same messages come again. What was already in the store is passed over by its offset.
 */
import {
  type CommitOutcome,
  type Extent,
  failpoint,
  type Message,
  type PartitionReader,
  type PartitionStore,
  type Pending,
  type Put,
  Reassign,
  type StoreKey,
} from '@picket/runtime'
import type { ReadTopic } from '../config.ts'
import type { FleetEvents } from '../events.ts'
import type { DeadLetters, Poison } from './dead-letters.ts'
import { Seat } from './seat.ts'
import { decodeKeys, encodeKeys, encodePosition, FORGOTTEN, KEYS_KEY, POSITION_KEY } from './stored-values.ts'

export interface Folded {
  /** By key; null is forgotten. */
  readonly values: ReadonlyMap<StoreKey, Uint8Array | null>
  readonly outbox: readonly Uint8Array[]
  readonly poison: readonly Poison[]
}

/** What becomes of the messages of one partition. */
export interface PartitionFold {
  /** One value of the store, before anything is folded. */
  restore(value: Uint8Array): void
  /** What it needs beside that, before anything is folded. */
  prepare?(): Promise<void>
  /** Outputs of earlier owners that may not have gone out. */
  resume(outbox: readonly Pending[]): void
  /** Waits while more is under way than may be. */
  room(): Promise<void>
  fold(messages: readonly Message[]): Folded
  /** The commit is done; `place` is that of the first output. */
  kept(place: number): void
  dropped(): void
  leave(): Promise<void>
}

/** How far the reading of one partition is behind. */
export interface Lag {
  readonly records: number
  /** Broker time of the last message that was read; 0 for none. */
  readonly time: number
}

export interface FoldReaderOptions<F extends PartitionFold> {
  readonly topic: ReadTopic
  readonly store: PartitionStore
  readonly deadLetters: DeadLetters
  readonly events: FleetEvents
  readonly ttlSeconds: number
  /** Where reading begins when nothing is stored. */
  readonly first: (extent: Extent) => number
  readonly makeFold: (seat: Seat) => F
}

interface Owned<F extends PartitionFold> {
  readonly seat: Seat
  readonly fold: F
  readonly keys: Set<StoreKey>
  /** As it lies in the store. */
  stored: number | undefined
  next: number
  lag: Lag
  /** performance.now() since when not all that was there is folded and committed; undefined while all is. */
  behindSince: number | undefined
  /** The store has spoken of where it stands since somebody last asked. */
  hasHeard: boolean
  /** It was told to be placed anew, which takes its time. */
  isDisplaced: boolean
  /** The list of keys in the store lacks something. */
  areKeysDirty: boolean
  keysWrittenAt: number
}

/** A commit is one script of the store, which stands still meanwhile. */
const MESSAGES_A_COMMIT = 200
const KEYS_A_LOAD = 200
/** The list of keys must outlive the values that it names. */
const KEYS_REWRITE_MS = 3_600_000
const FORGET_SECONDS = 1

export class FoldReader<F extends PartitionFold> implements PartitionReader {
  readonly #options: FoldReaderOptions<F>
  readonly #owned: Map<number, Owned<F>> = new Map()

  constructor(options: FoldReaderOptions<F>) {
    this.#options = options
  }

  owns(partition: number): boolean {
    return this.#owned.has(partition)
  }

  get folds(): readonly F[] {
    return [...this.#owned.values()].map(({ fold }) => fold)
  }

  /** Those that have folded all that was there. */
  get caughtUp(): readonly F[] {
    const all = [...this.#owned.values()].filter(({ behindSince }) => behindSince === undefined)
    return all.map(({ fold }) => fold)
  }

  /** For how long the reading that is behind longest has been so, ms. */
  get behindMs(): number {
    const now = performance.now()
    return Math.max(0, ...[...this.#owned.values()].map(({ behindSince }) => now - (behindSince ?? now)))
  }

  get lags(): readonly Lag[] {
    return [...this.#owned.values()].map(({ lag }) => lag)
  }

  async assigned(partition: number, extent: Extent): Promise<number> {
    await this.revoked(partition)
    const { store, topic, ttlSeconds, makeFold } = this.#options
    const { name } = new Seat({ store, topic, partition, epoch: 0, ttlSeconds })
    const { epoch, next: stored, outbox } = await store.claim(name)
    const seat = new Seat({ store, topic, partition, epoch, ttlSeconds })
    const fold = makeFold(seat)
    const keys = await this.#restore(seat, fold)
    await fold.prepare?.()
    fold.resume(outbox)
    const next = stored ?? this.#options.first(extent)
    const lag = { records: Math.max(0, extent.end - next), time: 0 }
    const behindSince = next >= extent.end ? undefined : Number.NEGATIVE_INFINITY
    const list = { keys, areKeysDirty: false, keysWrittenAt: 0 }
    const place = { stored, next, lag, behindSince, hasHeard: true, isDisplaced: false }
    this.#owned.set(partition, { seat, fold, ...list, ...place })
    return next
  }

  async #restore({ name }: Seat, fold: F): Promise<Set<StoreKey>> {
    const { store } = this.#options
    const [list] = await store.load(name, [KEYS_KEY])
    const keys = decodeKeys(list)
    const found = new Set<StoreKey>()
    for (let at = 0; at < keys.length; at += KEYS_A_LOAD) {
      const some = keys.slice(at, at + KEYS_A_LOAD)
      for (const [index, value] of (await store.load(name, some)).entries()) {
        if (value === null || value.length === 0) continue
        fold.restore(value)
        found.add(some[index] ?? '')
      }
    }
    return found
  }

  async messages(partition: number, messages: readonly Message[], end: number): Promise<void> {
    for (let at = 0; at < messages.length; at += MESSAGES_A_COMMIT) {
      const owned = this.#owned.get(partition)
      if (owned === undefined) throw new Reassign(`${this.#options.topic}:${partition} is not ours`)
      const chunk = messages.slice(at, at + MESSAGES_A_COMMIT).filter(({ offset }) => offset >= owned.next)
      const last = chunk.at(-1)
      if (last === undefined) continue
      owned.lag = { records: end - owned.next, time: owned.lag.time }
      owned.behindSince ??= performance.now()
      await owned.fold.room()
      await this.#take(owned, chunk, last)
      owned.next = last.offset + 1
      owned.lag = { records: Math.max(0, end - owned.next), time: last.time }
      if (owned.next >= end) owned.behindSince = undefined
    }
  }

  /**
   * Partitions for which nothing came since somebody last asked, and which the store has elsewhere: it fell back in time, or another
   * has claimed them. Each is told once, to be assigned anew.
   */
  async displaced(): Promise<readonly number[]> {
    const quiet = [...this.#owned].filter(([, { behindSince, isDisplaced, hasHeard }]) => {
      return behindSince === undefined && !isDisplaced && !hasHeard
    })
    for (const owned of this.#owned.values()) owned.hasHeard = false
    const found: number[] = []
    for (const [partition, owned] of quiet)
      if (await this.#isElsewhere(partition, owned)) found.push(partition)
    return found
  }

  async #isElsewhere(partition: number, owned: Owned<F>): Promise<boolean> {
    const { seat, stored } = owned
    if (stored === undefined) return false
    const ownership = await this.#options.store.ownership(seat.name, seat.epoch, stored)
    const isQuiet = this.#owned.get(partition) === owned && owned.behindSince === undefined
    if (ownership === 'ours' || !isQuiet || owned.hasHeard) return false
    owned.isDisplaced = true
    this.#options.events.displaced(seat.name)
    return true
  }

  async #take(owned: Owned<F>, chunk: readonly Message[], last: Message): Promise<void> {
    const { deadLetters, events, topic } = this.#options
    const { fold, seat } = owned
    try {
      const folded = fold.fold(chunk)
      await deadLetters.put(topic, seat.partition, folded.poison)
      failpoint(topic === 'alerts' ? 'responder.folded' : 'responder.receipts-folded')
      const began = performance.now()
      const outcome = await this.#commit(owned, folded, last)
      if (!outcome.done) throw this.#refused(owned, outcome.reason)
      failpoint(topic === 'alerts' ? 'responder.committed' : 'responder.receipts-committed')
      events.committed((performance.now() - began) / 1000)
      fold.kept(outcome.place)
      owned.stored = last.offset + 1
      owned.hasHeard = true
      if (owned.areKeysDirty) owned.keysWrittenAt = last.time
      owned.areKeysDirty = false
    } catch (error) {
      fold.dropped()
      throw error
    }
  }

  #commit(owned: Owned<F>, folded: Folded, last: Message): Promise<CommitOutcome> {
    const { seat, stored } = owned
    const next = last.offset + 1
    const position = encodePosition({ next, time: last.time })
    const puts: Put[] = [...folded.values].map(([key, value]) =>
      value === null
        ? { key, value: FORGOTTEN, ttlSeconds: FORGET_SECONDS }
        : { key, value, ttlSeconds: seat.ttlSeconds },
    )
    puts.push({ key: POSITION_KEY, value: position, ttlSeconds: seat.ttlSeconds })
    noteKeys(owned, folded.values, last.time)
    if (owned.areKeysDirty)
      puts.push({ key: KEYS_KEY, value: encodeKeys(owned.keys), ttlSeconds: 2 * seat.ttlSeconds })
    const commit = { epoch: seat.epoch, expected: stored, next, puts, marks: [], outbox: folded.outbox }
    return this.#options.store.commit(seat.name, commit)
  }

  /** Begins anew from what the store holds. */
  #refused({ seat }: Owned<F>, reason: 'fenced' | 'moved'): Reassign {
    this.#options.events.commitRefused(reason)
    return new Reassign(
      `${seat.name}: ${reason === 'fenced' ? 'another owner has claimed it' : 'its stored offset is another'}`,
    )
  }

  async revoked(partition: number): Promise<void> {
    const owned = this.#owned.get(partition)
    this.#owned.delete(partition)
    await owned?.fold.leave()
  }

  async leave(): Promise<void> {
    await Promise.all([...this.#owned.keys()].map((partition) => this.revoked(partition)))
  }
}

/** A key that is listed although its commit is refused does no harm: where nothing is stored, nothing is restored. */
function noteKeys<F extends PartitionFold>(
  owned: Owned<F>,
  values: ReadonlyMap<StoreKey, Uint8Array | null>,
  time: number,
): void {
  const { keys } = owned
  if (time - owned.keysWrittenAt > KEYS_REWRITE_MS) owned.areKeysDirty = true
  for (const [key, value] of values) {
    if (keys.has(key) === (value !== null)) continue
    owned.areKeysDirty = true
    if (value === null) keys.delete(key)
    else keys.add(key)
  }
}
