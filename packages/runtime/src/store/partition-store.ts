/**
 * Partition store: the port of where a partition's state lies (Redis, or memory).
 *
 * State and offset change in ONE atomic step or not at all, and only for the partition's present owner at the very
 * position that its memory stands at. So whatever dies, state and offset belong together, and the log can be replayed
 * from there. Every stored value is absolute: writing it again changes nothing.
 */

/** Names a partition's state, e.g. `packets:3`: all its keys lie together. */
export type PartitionName = string

/** A key within a partition: its UTF-16 units are bytes (0 to 255). */
export type StoreKey = string

export interface Put {
  readonly key: StoreKey
  readonly value: Uint8Array
  /** The store may forget the value this long after it was written. */
  readonly ttlSeconds: number
}

/** The last batch number of an agent (or offset of an upstream partition), and the message that brought it. */
export interface Mark {
  readonly name: string
  readonly number: number
  readonly offset: number
}

/** An output waiting to be published, under its place in the outbox. */
export interface Pending {
  readonly place: number
  readonly value: Uint8Array
}

export interface Claim {
  /** Of this ownership; every later claim has a higher one. */
  readonly epoch: number
  /** The offset to read next; undefined when nothing is stored. */
  readonly next: number | undefined
  readonly marks: readonly Mark[]
  readonly outbox: readonly Pending[]
}

export interface Commit {
  readonly epoch: number
  /** The stored offset must be this (undefined: none stored yet). */
  readonly expected: number | undefined
  readonly next: number
  readonly puts: readonly Put[]
  readonly marks: readonly Mark[]
  /** Appended to the outbox. */
  readonly outbox: readonly Uint8Array[]
}

export type CommitOutcome =
  /** With the place of the first appended output. */
  | { readonly done: true; readonly place: number }
  /** `fenced`: another owner has claimed since. `moved`: the stored offset is another, so our memory is not what is stored. */
  | { readonly done: false; readonly reason: 'fenced' | 'moved' }

/** What a commit would meet: `fenced` and `moved` as in its outcome. */
export type Ownership = 'ours' | 'fenced' | 'moved'

export interface PartitionStore {
  claim(partition: PartitionName): Promise<Claim>
  /** The offset to read next, for whoever only looks; undefined when nothing is stored. */
  position(partition: PartitionName): Promise<number | undefined>
  /** For an owner that has nothing to commit: a store that fell back in time does not say so by itself. */
  ownership(partition: PartitionName, epoch: number, expected: number | undefined): Promise<Ownership>
  /** In the order of the keys; null where nothing is stored. Values may share one piece of memory: copy what is kept for long. */
  load(partition: PartitionName, keys: readonly StoreKey[]): Promise<(Uint8Array | null)[]>
  /**
   * All of it or nothing. After a retryable StoreError it may have been written: the same commit has to be given again (it is
   * never written twice), or the partition claimed anew.
   */
  commit(partition: PartitionName, commit: Commit): Promise<CommitOutcome>
  /** Takes outputs off the outbox up to and with this place, once they are published. False when fenced. */
  trim(partition: PartitionName, epoch: number, place: number): Promise<boolean>
  /** Writes values that no commit depends on (views for people). False when fenced. */
  note(partition: PartitionName, epoch: number, puts: readonly Put[]): Promise<boolean>
  /** All keys that begin so, in no order; for proofs and repairs, not for hot paths. */
  keys(partition: PartitionName, beginning: StoreKey): AsyncIterable<StoreKey>
  /** Can it be asked and written to now? */
  reachable(): boolean
  close(): Promise<void>
}

/** `full`: out of memory; `read-only`: a replica or a full disk; `busy`: loading or a long script; all pass by and are retryable. */
export type StoreFault = 'unreachable' | 'full' | 'read-only' | 'busy' | 'denied' | 'broken'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly reason: StoreFault
  readonly retryable: boolean

  constructor(reason: StoreFault, message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
    this.retryable = reason !== 'denied' && reason !== 'broken'
  }
}
