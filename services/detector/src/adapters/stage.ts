/**
 * Stage: what a worker does with the messages of one partition, as a port. It decodes and folds; it has no I/O.
 *
 * Between `fold` and a commit the stage stands ahead of the store. A worker that cannot commit throws the whole stage away and
 * makes a new one from the store: there is no way back within one.
 */
import type { Mark, Message, Outgoing, Put, StoreKey } from '@picket/runtime'
import type { Alert } from '@picket/schemas'
import type { Fault } from '@picket/schemas/messages'
import type { ReporterClock } from '../detect/fleet/reporter-clocks.ts'

export type PoisonReason = Fault | 'fold-failed'
export const POISON_REASONS: readonly PoisonReason[] = [
  'not-ours',
  'unknown-schema',
  'wrong-type',
  'broken',
  'too-large',
  'fold-failed',
]

/** A message that cannot be used, and why: it goes to the dead letters, and reading goes on. */
export interface Poison {
  readonly message: Message
  readonly reason: PoisonReason
  readonly detail: string
}

/** A message of the next stage, for one of its partitions. */
export interface Onward extends Outgoing {
  readonly partition: number
}

/** An alert, and when the broker took the packet that caused it: ms since 1970 UTC, 0 when unknown. */
export interface LoggedAlert {
  readonly alert: Alert
  readonly logged: number
}

/** All that has come of the messages since the last commit. */
export interface Changes {
  readonly puts: readonly Put[]
  readonly marks: readonly Mark[]
  readonly alerts: readonly LoggedAlert[]
}

/** What only people look at: counts by name. */
export interface StageNumbers {
  readonly sources: number
  readonly evicted: number
  readonly late: number
  readonly ahead: number
  readonly missing: number
  readonly repeated: number
  readonly replayed: number
  readonly forgotten: number
  readonly observed: Readonly<Record<string, number>>
}

export interface Stage {
  /** Values to adopt before the first message, or before the messages that were read; none when all are there. */
  missing(): readonly StoreKey[]
  adopt(key: StoreKey, value: Uint8Array | null): void
  /** Decodes messages that `fold` will get, every one; answers with those that cannot be used, which it must not get. */
  read(messages: readonly Message[]): readonly Poison[]
  /** Folds and judges one of the messages that were read, in their order. */
  fold(message: Message): void
  /** For the next stage, of the messages folded since it was asked last. */
  onward(): readonly Onward[]
  /** How many values `changes` would hold now, about. */
  readonly changed: number
  /** Ends a commit's worth of messages. All that were read must have been folded. */
  changes(): Changes
  /** After the commit: memory may be given back now. */
  settle(): void
  /** Incidents as they stand that have changed, for whoever looks; no commit depends on them. */
  views(): readonly Put[]
  /** What the clock alone has to tell the next stage. `isIdle`: nothing is left to be read. */
  atTime(now: number, isIdle: boolean): readonly Onward[]
  readonly numbers: StageNumbers
  /** How the clocks of those whose packets came differ from the broker's. */
  clocks(): readonly ReporterClock[]
}
