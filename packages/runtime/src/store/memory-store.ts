/**
 * MemoryStore: a partition store in this process's memory, for one host and for tests.
 *
 * It fences and checks offsets exactly as Redis does, so that two owners of one partition in the same process behave as
 * they would in a fleet. Nothing outlives the process, but for what the caller captures.
 */
import {
  type Claim,
  type Commit,
  type CommitOutcome,
  type Mark,
  type Ownership,
  type PartitionName,
  type PartitionStore,
  type Pending,
  type Put,
  StoreError,
  type StoreKey,
} from './partition-store.ts'

interface Stored {
  readonly value: Uint8Array
  /** By the store's clock, ms. */
  readonly until: number
}

interface Partition {
  /** Undefined until somebody claims it. */
  epoch: number | undefined
  next: number | undefined
  lastPlace: number
  readonly values: Map<StoreKey, Stored>
  readonly marks: Map<string, Mark>
  outbox: Pending[]
}

/** All of it, as plain values: to be kept in a snapshot. */
export type MemoryStoreState = ReadonlyMap<PartitionName, Readonly<Partition>>

/** Without a clock nothing is ever forgotten. */
const TIMELESS = (): number => 0

export class MemoryStore implements PartitionStore {
  readonly #partitions = new Map<PartitionName, Partition>()
  readonly #now: () => number
  #isOpen = true

  constructor(now: () => number = TIMELESS) {
    this.#now = now
  }

  async claim(name: PartitionName): Promise<Claim> {
    const partition = this.#at(name)
    const epoch = (partition.epoch ?? 0) + 1
    partition.epoch = epoch
    return {
      epoch,
      next: partition.next,
      marks: [...partition.marks.values()],
      outbox: [...partition.outbox],
    }
  }

  async position(name: PartitionName): Promise<number | undefined> {
    return this.#at(name).next
  }

  async ownership(name: PartitionName, epoch: number, expected: number | undefined): Promise<Ownership> {
    return ownershipOf(this.#at(name), epoch, expected)
  }

  async load(name: PartitionName, keys: readonly StoreKey[]): Promise<(Uint8Array | null)[]> {
    const { values } = this.#at(name)
    return keys.map((key) => this.#live(values, key)?.value ?? null)
  }

  async commit(name: PartitionName, commit: Commit): Promise<CommitOutcome> {
    const partition = this.#at(name)
    const reason = ownershipOf(partition, commit.epoch, commit.expected)
    if (reason !== 'ours') return { done: false, reason }
    const place = partition.lastPlace + 1
    this.#put(partition, commit.puts)
    for (const mark of commit.marks) partition.marks.set(mark.name, { ...mark })
    for (const value of commit.outbox) {
      partition.lastPlace++
      partition.outbox.push({ place: partition.lastPlace, value: copyOf(value) })
    }
    partition.next = commit.next
    return { done: true, place }
  }

  async trim(name: PartitionName, epoch: number, place: number): Promise<boolean> {
    const partition = this.#at(name)
    if (partition.epoch !== epoch) return false
    partition.outbox = partition.outbox.filter((pending) => pending.place > place)
    return true
  }

  async note(name: PartitionName, epoch: number, puts: readonly Put[]): Promise<boolean> {
    const partition = this.#at(name)
    if (partition.epoch !== epoch) return false
    this.#put(partition, puts)
    return true
  }

  async *keys(name: PartitionName, beginning: StoreKey): AsyncIterable<StoreKey> {
    const { values } = this.#at(name)
    for (const key of [...values.keys()]) {
      if (key.startsWith(beginning) && this.#live(values, key) !== undefined) yield key
    }
  }

  /** Nobody has ever claimed anything, hence written nothing. */
  get isEmpty(): boolean {
    return [...this.#partitions.values()].every(({ epoch }) => epoch === undefined)
  }

  /** What has run out is forgotten by this. The values are the store's own: serialize them at once. */
  capture(): MemoryStoreState {
    for (const { values } of this.#partitions.values()) {
      for (const key of [...values.keys()]) this.#live(values, key)
    }
    return this.#partitions
  }

  /** Copies, since the bytes may be views on a whole snapshot, which the longest-lived of them would keep in memory. */
  restore(state: MemoryStoreState): void {
    this.#partitions.clear()
    for (const [name, { values, outbox, ...partition }] of state) {
      this.#partitions.set(name, {
        ...partition,
        values: new Map([...values].map(([key, { value, until }]) => [key, { value: copyOf(value), until }])),
        outbox: outbox.map(({ place, value }) => ({ place, value: copyOf(value) })),
      })
    }
  }

  reachable(): boolean {
    return this.#isOpen
  }

  async close(): Promise<void> {
    this.#isOpen = false
  }

  #at(name: PartitionName): Partition {
    if (!this.#isOpen) throw new StoreError('unreachable', 'the store is closed')
    let partition = this.#partitions.get(name)
    if (partition === undefined) {
      partition = {
        epoch: undefined,
        next: undefined,
        lastPlace: 0,
        values: new Map(),
        marks: new Map(),
        outbox: [],
      }
      this.#partitions.set(name, partition)
    }
    return partition
  }

  /** Copies, since the caller may use its bytes again. */
  #put(partition: Partition, puts: readonly Put[]): void {
    const now = this.#now()
    for (const { key, value, ttlSeconds } of puts) {
      partition.values.set(key, { value: copyOf(value), until: now + ttlSeconds * 1000 })
    }
  }

  #live(values: Map<StoreKey, Stored>, key: StoreKey): Stored | undefined {
    const stored = values.get(key)
    if (stored === undefined || stored.until > this.#now()) return stored
    values.delete(key)
    return undefined
  }
}

/** Not `slice`: that of a Buffer is a view. */
function copyOf(value: Uint8Array): Uint8Array {
  return new Uint8Array(value)
}

function ownershipOf(partition: Partition, epoch: number, expected: number | undefined): Ownership {
  if (partition.epoch !== epoch) return 'fenced'
  return partition.next === expected ? 'ours' : 'moved'
}
