/**
 * JournalledStore: a partition store for one process that outlives it, as a snapshot and a journal of what came after.
 *
 * Where both lie is the caller's. A change is handed to the journal before it is made, in the same turn of the event loop, so a snapshot
 * taken between two turns and the journal behind it are always all there is. Replayed, the same changes give the same answers: their
 * times are in the journal too.
 */
import { deserialize, serialize } from 'node:v8'
import { bytesOf } from '../bytes.ts'
import { MemoryStore, type MemoryStoreState } from './memory-store.ts'
import type {
  Claim,
  Commit,
  CommitOutcome,
  Ownership,
  PartitionName,
  PartitionStore,
  Put,
  StoreKey,
} from './partition-store.ts'

type Change =
  | readonly ['claim', PartitionName]
  | readonly ['commit', PartitionName, Commit]
  | readonly ['trim', PartitionName, number, number]
  | readonly ['note', PartitionName, number, readonly Put[]]

interface Journalled {
  readonly at: number
  readonly change: Change
}

export interface JournalledStoreOptions {
  /** Takes one change, to be given back to `replay` after a crash. */
  readonly journal: (record: Uint8Array) => void
  readonly now?: () => number
}

export class JournalledStore implements PartitionStore {
  readonly #memory: MemoryStore
  readonly #journal: (record: Uint8Array) => void
  readonly #clock: () => number
  /** Of the change that is made just now. */
  #at: number | undefined

  constructor({ journal, now = Date.now }: JournalledStoreOptions) {
    this.#journal = journal
    this.#clock = now
    this.#memory = new MemoryStore(() => this.#at ?? now())
  }

  get isEmpty(): boolean {
    return this.#memory.isEmpty
  }

  /** To be serialized at once. */
  capture(): MemoryStoreState {
    return this.#memory.capture()
  }

  restore(state: MemoryStoreState): void {
    this.#memory.restore(state)
  }

  /** A record of the journal, once, in its order. */
  replay(record: Uint8Array): void {
    const { at, change } = deserialize(record) as Journalled
    // Whether it was refused is what it was the first time
    void this.#make(at, change)
  }

  claim(partition: PartitionName): Promise<Claim> {
    return this.#change(['claim', partition]) as Promise<Claim>
  }

  commit(partition: PartitionName, commit: Commit): Promise<CommitOutcome> {
    return this.#change(['commit', partition, commit]) as Promise<CommitOutcome>
  }

  trim(partition: PartitionName, epoch: number, place: number): Promise<boolean> {
    return this.#change(['trim', partition, epoch, place]) as Promise<boolean>
  }

  note(partition: PartitionName, epoch: number, puts: readonly Put[]): Promise<boolean> {
    return this.#change(['note', partition, epoch, puts]) as Promise<boolean>
  }

  ownership(partition: PartitionName, epoch: number, expected: number | undefined): Promise<Ownership> {
    return this.#memory.ownership(partition, epoch, expected)
  }

  position(partition: PartitionName): Promise<number | undefined> {
    return this.#memory.position(partition)
  }

  load(partition: PartitionName, keys: readonly StoreKey[]): Promise<(Uint8Array | null)[]> {
    return this.#memory.load(partition, keys)
  }

  keys(partition: PartitionName, beginning: StoreKey): AsyncIterable<StoreKey> {
    return this.#memory.keys(partition, beginning)
  }

  reachable(): boolean {
    return this.#memory.reachable()
  }

  close(): Promise<void> {
    return this.#memory.close()
  }

  #change(change: Change): Promise<unknown> {
    const at = this.#clock()
    if (this.#memory.reachable()) this.#journal(bytesOf(serialize({ at, change } satisfies Journalled)))
    return this.#make(at, change)
  }

  /** MemoryStore makes a change before it first waits. */
  #make(at: number, change: Change): Promise<unknown> {
    this.#at = at
    try {
      return this.#changed(change)
    } finally {
      this.#at = undefined
    }
  }

  #changed(change: Change): Promise<unknown> {
    switch (change[0]) {
      case 'claim':
        return this.#memory.claim(change[1])
      case 'commit':
        return this.#memory.commit(change[1], change[2])
      case 'trim':
        return this.#memory.trim(change[1], change[2], change[3])
      case 'note':
        return this.#memory.note(change[1], change[2], change[3])
    }
  }
}
