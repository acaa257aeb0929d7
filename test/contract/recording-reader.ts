/**
 * A reader that keeps what it was given, and its own position as Picket's readers do: beside its state.
 *
 * The store may be shared between readers, and outlives each of them. What must not be is noted: two calls for one partition at
 * once, a partition that is given away under a call, a message that is not the next one.
 */
import type { Extent, Message, PartitionReader } from '@picket/runtime'

export interface Taken {
  readonly partition: number
  readonly offset: number
  readonly text: string
}

/** Where reading stands, and which partitions are being worked on now, by whomever. */
export class Store {
  readonly places: Map<number, number>
  readonly busy: Set<number> = new Set()

  constructor(places: Iterable<readonly [number, number]> = []) {
    this.places = new Map(places)
  }
}

export class RecordingReader implements PartitionReader {
  readonly taken: Taken[] = []
  readonly events: string[] = []
  readonly store: Store
  readonly faults: string[] = []
  /** Called before the messages are taken; what it rejects with is what `messages` rejects with. */
  before: (partition: number, messages: readonly Message[]) => Promise<void> = async () => undefined
  begin: (partition: number, extent: Extent) => number
  largestCall = 0

  constructor(store: Store = new Store()) {
    this.store = store
    this.begin = (partition, extent) => store.places.get(partition) ?? extent.start
  }

  async assigned(partition: number, extent: Extent): Promise<number> {
    if (this.store.busy.has(partition)) this.faults.push(`${partition} was given to another under a call`)
    const at = this.begin(partition, extent)
    this.events.push(`assigned ${partition} at ${at}`)
    this.store.places.set(partition, at)
    return at
  }

  async messages(partition: number, messages: readonly Message[]): Promise<void> {
    if (this.store.busy.has(partition)) this.faults.push(`two calls for ${partition} at once`)
    this.store.busy.add(partition)
    try {
      await this.before(partition, messages)
      this.largestCall = Math.max(this.largestCall, messages.length)
      for (const message of messages) this.#take(partition, message)
    } finally {
      this.store.busy.delete(partition)
    }
  }

  async revoked(partition: number): Promise<void> {
    if (this.store.busy.has(partition)) this.faults.push(`${partition} was revoked under a call`)
    this.events.push(`revoked ${partition}`)
  }

  offsets(partition: number): number[] {
    return this.taken.filter((taken) => taken.partition === partition).map(({ offset }) => offset)
  }

  #take(partition: number, { offset, value }: Message): void {
    const place = this.store.places.get(partition)
    if (offset !== place) this.faults.push(`${partition}: ${offset} came where ${place} was next`)
    this.store.places.set(partition, offset + 1)
    this.taken.push({ partition, offset, text: value === null ? '(none)' : Buffer.from(value).toString() })
  }
}

export const text = (value: string): { key: null; value: Uint8Array } => ({
  key: null,
  value: new TextEncoder().encode(value),
})

export const texts = (from: number, to: number): { key: null; value: Uint8Array }[] =>
  Array.from({ length: to - from }, (_, at) => text(String(from + at)))

export const upTo = (end: number): number[] => Array.from({ length: end }, (_, at) => at)
