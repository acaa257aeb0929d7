/** A queue that can be read at once, and whose group takes its time to form: as after the kill of a member. */
import type { Extent, Message, Producer, Queue, Subscription } from '@picket/runtime'

export class LateGroup implements Queue {
  readonly #queue: Queue
  readonly #formed: Promise<void>

  constructor(queue: Queue, formed: Promise<void>) {
    this.#queue = queue
    this.#formed = formed
  }

  async subscribe(...args: Parameters<Queue['subscribe']>): Promise<Subscription> {
    await this.#formed
    return this.#queue.subscribe(...args)
  }

  producer(): Promise<Producer> {
    return this.#queue.producer()
  }

  partitions(topic: string): Promise<number> {
    return this.#queue.partitions(topic)
  }

  extent(topic: string, partition: number): Promise<Extent> {
    return this.#queue.extent(topic, partition)
  }

  read(...args: Parameters<Queue['read']>): AsyncIterable<Message> {
    return this.#queue.read(...args)
  }

  reachable(): boolean {
    return this.#queue.reachable()
  }

  async close(): Promise<void> {}
}
