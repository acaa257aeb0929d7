/**
 * Seat: one partition while it is ours, as its fold may use it.
 */
import type { PartitionName, PartitionStore, StoreKey } from '@picket/runtime'
import type { ReadTopic } from '../config.ts'

export interface SeatOptions {
  readonly store: PartitionStore
  readonly topic: ReadTopic
  readonly partition: number
  readonly epoch: number
  /** How long the store keeps a value that is not written again. */
  readonly ttlSeconds: number
}

export interface Noted {
  readonly key: StoreKey
  readonly value: Uint8Array
  /** Undefined: as long as the seat's values. */
  readonly ttlSeconds?: number
}

export function partitionName(topic: string, partition: number): PartitionName {
  return `${topic}:${partition}`
}

export class Seat {
  readonly partition: number
  readonly name: PartitionName
  readonly epoch: number
  readonly ttlSeconds: number
  readonly #store: PartitionStore

  constructor({ store, topic, partition, epoch, ttlSeconds }: SeatOptions) {
    this.partition = partition
    this.name = partitionName(topic, partition)
    this.epoch = epoch
    this.ttlSeconds = ttlSeconds
    this.#store = store
  }

  /** False when another owner has claimed since. */
  trim(place: number): Promise<boolean> {
    return this.#store.trim(this.name, this.epoch, place)
  }

  note(key: StoreKey, value: Uint8Array): Promise<boolean> {
    return this.noteAll([{ key, value }])
  }

  noteAll(values: readonly Noted[]): Promise<boolean> {
    const puts = values.map((value) => ({ ttlSeconds: this.ttlSeconds, ...value }))
    return this.#store.note(this.name, this.epoch, puts)
  }

  load(keys: readonly StoreKey[]): Promise<(Uint8Array | null)[]> {
    return this.#store.load(this.name, keys)
  }
}
