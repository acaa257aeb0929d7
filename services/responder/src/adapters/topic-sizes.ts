/**
 * Topic sizes: how many partitions each of our topics has, asked once, since that is fixed for a topic's life.
 */
import { type Queue, QueueError } from '@picket/runtime'

const UNSEEN: readonly string[] = ['no-topic', 'denied']

export class TopicSizes {
  readonly #queue: Queue
  readonly #prefix: string
  readonly #known: Map<string, number> = new Map()

  constructor(queue: Queue, prefix: string) {
    this.#queue = queue
    this.#prefix = prefix
  }

  nameOf(topic: string): string {
    return `${this.#prefix}.${topic}`
  }

  /** 0 for a topic that is not there (yet), or that we may not see. */
  async of(topic: string): Promise<number> {
    const known = this.#known.get(topic)
    if (known !== undefined) return known
    try {
      const partitions = await this.#queue.partitions(this.nameOf(topic))
      this.#known.set(topic, partitions)
      return partitions
    } catch (error) {
      if (error instanceof QueueError && UNSEEN.includes(error.reason)) return 0
      throw error
    }
  }
}
