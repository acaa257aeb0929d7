/**
 * Stage: what a worker does with the messages of one partition, as a port. It decodes and folds; it has no I/O.
 *
 * Between `take` and `changes` the stage stands ahead of the store. A worker that cannot commit throws the whole stage away and
 * makes a new one from the store: there is no way back within one.
 */
import type { Mark, Message, Outgoing, Put, StoreKey } from '@picket/runtime'
import type { Alert } from '@picket/schemas'

/** A message that cannot be used, and why: it goes to the dead letters, and reading goes on. */
export interface Poison {
  readonly message: Message
  readonly reason: string
  readonly detail: string
}

/** A message of the next stage, for one of its partitions. */
export interface Onward extends Outgoing {
  readonly partition: number
}

/** All that has come of the messages since the last commit. */
export interface Changes {
  readonly puts: readonly Put[]
  readonly marks: readonly Mark[]
  readonly alerts: readonly Alert[]
}

export interface Stage {
  /** Takes over what the store knows of agents, before the first message. */
  resume(marks: readonly Mark[]): void
  /** Decodes, remembers for `fold`, and names the values that must be adopted before. */
  read(messages: readonly Message[]): { readonly missing: readonly StoreKey[]; readonly poison: readonly Poison[] }
  adopt(key: StoreKey, value: Uint8Array | null): void
  /** Folds and judges one of the messages that were read, in their order. */
  fold(message: Message): void
  /** For the next stage, of the messages folded since it was asked last. */
  onward(): readonly Onward[]
  /** How many values `changes` would hold now. */
  readonly changed: number
  /** Ends a commit's worth of messages; `next` is the offset that follows them. */
  changes(next: number): Changes
  /** After the commit: memory may be given back now. */
  settle(): void
  /** Incidents as they stand that have changed, for whoever looks; no commit depends on them. */
  views(): readonly Put[]
}
