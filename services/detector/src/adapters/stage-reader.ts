/**
 * Stage reader: the workers of the partitions that are ours, of one topic.
 *
 * A worker is made anew with every assignment, since what one held before it lost the partition is worth nothing.
 * Everything a worker does is done one after the other, also what the clock asks for.
 */
import type { Extent, Message, PartitionReader } from '@picket/runtime'
import type { PartitionWorker } from './partition-worker.ts'
import type { StageNumbers } from './stage.ts'
import { addNumbers, NO_NUMBERS } from './stage-numbers.ts'

interface Owned {
  readonly worker: PartitionWorker
  /** Ends when what was asked of the worker last is done. */
  tail: Promise<unknown>
  isTicking: boolean
}

export class StageReader implements PartitionReader {
  readonly #makeWorker: (partition: number) => PartitionWorker
  readonly #owned: Map<number, Owned> = new Map()
  /** Of workers that are ours no more. */
  #past: StageNumbers = NO_NUMBERS

  constructor(makeWorker: (partition: number) => PartitionWorker) {
    this.#makeWorker = makeWorker
  }

  get workers(): PartitionWorker[] {
    return Array.from(this.#owned.values(), ({ worker }) => worker)
  }

  /** All that was ever counted here; `sources` are those held now. */
  get numbers(): StageNumbers {
    return this.workers.reduce((all, { stage }) => addNumbers(all, stage.numbers), this.#past)
  }

  #abandon({ worker }: Owned): void {
    worker.abandon()
    this.#past = addNumbers(this.#past, { ...worker.stage.numbers, sources: 0 })
  }

  assigned(partition: number, extent: Extent): Promise<number> {
    const before = this.#owned.get(partition)
    if (before !== undefined) this.#abandon(before)
    const worker = this.#makeWorker(partition)
    if (before !== undefined) worker.inherit(before.worker)
    const owned: Owned = { worker, tail: Promise.resolve(), isTicking: false }
    this.#owned.set(partition, owned)
    return this.#inTurn(owned, () => worker.take(extent))
  }

  async messages(partition: number, messages: readonly Message[], end: number): Promise<void> {
    const owned = this.#owned.get(partition)
    if (owned === undefined) throw new Error(`partition ${partition} was never assigned`)
    await this.#inTurn(owned, () => owned.worker.messages(messages, end))
  }

  async revoked(partition: number): Promise<void> {
    const owned = this.#owned.get(partition)
    if (owned === undefined) return
    this.#abandon(owned)
    this.#owned.delete(partition)
    await owned.tail.catch(() => undefined)
  }

  /** What has to be done by the clock. A worker that still has it to do is passed over; one that stands wrong is to be placed anew. */
  tick(now: number, reassign: (partition: number) => void): void {
    for (const [partition, owned] of this.#owned) {
      if (owned.isTicking) continue
      owned.isTicking = true
      const done = () => {
        owned.isTicking = false
      }
      const ticked = this.#inTurn(owned, () => owned.worker.tick(now)).then((isInPlace) => {
        if (!isInPlace && this.#owned.get(partition) === owned) reassign(partition)
      })
      ticked.then(done, done)
    }
  }

  #inTurn<T>(owned: Owned, work: () => Promise<T>): Promise<T> {
    const turn = owned.tail.then(work, work)
    owned.tail = turn.catch(() => undefined)
    return turn
  }
}
