/**
 * Shared value: one JSON value of the store that any responder may change, as all of them see it.
 *
 * Changing it claims its partition, and writes only if nobody has claimed since: two that change it at once never lose each other's
 * change, the slower one reads again. Reading claims nothing.
 */
import { type PartitionName, type PartitionStore, StoreError, type StoreKey } from '@picket/runtime'
import { giveWay } from './give-way.ts'

export interface SharedValueOptions<T> {
  readonly store: PartitionStore
  readonly partition: PartitionName
  readonly key: StoreKey
  readonly ttlSeconds: number
  /** What holds where nothing is stored, or what cannot be read. */
  readonly empty: T
}

const TRIES = 20

export class SharedValue<T> {
  readonly #options: SharedValueOptions<T>
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: SharedValueOptions<T>) {
    this.#options = options
  }

  async read(): Promise<T> {
    const { store, partition, key } = this.#options
    const [value] = await store.load(partition, [key])
    return this.#parse(value)
  }

  /** Answers with what holds now. */
  update(change: (before: T) => T): Promise<T> {
    const turn = this.#turn.catch(() => undefined).then(() => this.#update(change))
    this.#turn = turn
    return turn
  }

  async #update(change: (before: T) => T): Promise<T> {
    const { store, partition, key, ttlSeconds } = this.#options
    for (let tries = 0; tries < TRIES; tries++) {
      const { epoch } = await store.claim(partition)
      const before = await this.read()
      const after = change(before)
      if (after === before) return before
      const value = new TextEncoder().encode(JSON.stringify(after))
      if (await store.note(partition, epoch, [{ key, value, ttlSeconds }])) return after
      await giveWay(tries)
    }
    throw new StoreError('busy', `${partition}: others change it all the time`)
  }

  #parse(value: Uint8Array | null | undefined): T {
    const { empty } = this.#options
    if (value === null || value === undefined || value.length === 0) return empty
    try {
      return JSON.parse(new TextDecoder().decode(value)) as T
    } catch {
      return empty
    }
  }
}
