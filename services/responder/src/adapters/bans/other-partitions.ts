/**
 * Other partitions: the bans that other responders sign for, read off the topic for whoever asks this one.
 *
 * Signed by the key that all responders share, so what lies there under another one is left out.
 */
import type { Queue } from '@picket/runtime'
import type { PinnedKeys } from '@picket/runtime/bans'
import { parsePrefix, partitionOf } from '@picket/schemas'
import { adopted, type BanRecord } from '../../index.ts'
import { TopicWatch } from './topic-watch.ts'

/** The partition in which a subject is signed, and its alerts are read. */
export function homeOf(subject: string, partitions: number): number | undefined {
  const prefix = parsePrefix(subject)
  return prefix === undefined ? undefined : partitionOf(prefix.address, partitions)
}

export class OtherPartitions {
  readonly #queue: Queue
  readonly #topic: string
  readonly #keys: PinnedKeys
  readonly #watches = new Map<number, TopicWatch>()

  constructor(queue: Queue, topic: string, keys: PinnedKeys) {
    this.#queue = queue
    this.#topic = topic
    this.#keys = keys
  }

  /** Empty where we have no key. */
  async records(partitions: readonly number[]): Promise<BanRecord[]> {
    if (this.#keys.size === 0) return []
    const all: BanRecord[] = []
    for (const partition of partitions) all.push(...(await this.#recordsOf(partition)))
    return all
  }

  async #recordsOf(partition: number): Promise<BanRecord[]> {
    const watch =
      this.#watches.get(partition) ?? new TopicWatch(this.#queue, this.#topic, partition, this.#keys)
    this.#watches.set(partition, watch)
    await watch.catchUp()
    return watch.subjects.flatMap((subject) => {
      const there = watch.of(subject)
      return there?.isOurs === true ? [adopted(subject, there, undefined)] : []
    })
  }
}
