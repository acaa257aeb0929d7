/**
 * A group of the memory queue: its members share a topic's partitions, and share them anew when one joins or leaves.
 *
 * A partition moves in two steps, never overlapping: who had it ends its call and is told, then the next one is asked where to begin.
 */
import { randomUUID } from 'node:crypto'
import { CallLimit } from './call-limit.ts'
import type { MemoryLog } from './memory-log.ts'
import { outOfRange, PartitionFeed } from './partition-feed.ts'
import { CALL_MESSAGES, type PartitionReader, type Subscription } from './queue.ts'
import { sharePartitions } from './share-partitions.ts'

const READ_AT_ONCE = 2 * CALL_MESSAGES
const SIDE_BY_SIDE = 4

export class MemoryGroup {
  readonly #topic: string
  readonly #log: MemoryLog
  readonly #members = new Set<MemoryMember>()
  #sharing: Promise<void> = Promise.resolve()

  constructor(topic: string, log: MemoryLog) {
    this.#topic = topic
    this.#log = log
  }

  join(concurrency: number | undefined, reader: PartitionReader): MemoryMember {
    const member = new MemoryMember(this.#topic, this.#log, reader, concurrency ?? SIDE_BY_SIDE, () =>
      this.#leave(member),
    )
    this.#members.add(member)
    void this.#share()
    return member
  }

  appended(topic: string, partition: number): void {
    if (topic !== this.#topic) return
    for (const member of this.#members) member.feed(partition)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.stop()))
  }

  async #leave(member: MemoryMember): Promise<void> {
    this.#members.delete(member)
    await this.#share(member)
  }

  #share(leaver?: MemoryMember): Promise<void> {
    this.#sharing = this.#sharing.then(async () => {
      const sharers = [...this.#members].map((member) => ({ id: member.id, had: member.assigned, member }))
      const shares =
        sharers.length === 0
          ? new Map<string, number[]>()
          : sharePartitions(sharers, this.#log.partitions(this.#topic).length)
      await leaver?.keepOnly([])
      await Promise.all(sharers.map(({ id, member }) => member.keepOnly(shares.get(id) ?? [])))
      for (const { id, member } of sharers) member.take(shares.get(id) ?? [])
    })
    return this.#sharing
  }
}

export class MemoryMember implements Subscription {
  readonly id: string = randomUUID()
  readonly #log: MemoryLog
  readonly #feeds = new Map<number, PartitionFeed>()
  readonly #leave: () => Promise<void>
  readonly #host: ConstructorParameters<typeof PartitionFeed>[1]
  #stopped: Promise<void> | undefined
  fault: Error | undefined

  constructor(
    topic: string,
    log: MemoryLog,
    reader: PartitionReader,
    concurrency: number,
    leave: () => Promise<void>,
  ) {
    this.#log = log
    this.#leave = leave
    this.#host = {
      topic,
      reader,
      limit: new CallLimit(concurrency),
      hungry: () => this.#feedAll(),
      extent: async (partition) => log.partition(topic, partition).extent,
      failed: (error) => {
        this.fault ??= error
        void this.stop()
      },
      retried: () => undefined,
    }
  }

  get assigned(): readonly number[] {
    return [...this.#feeds.keys()].sort((a, b) => a - b)
  }

  reassign(partition: number): void {
    this.#feeds.get(partition)?.reassign()
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#leave()
    return this.#stopped
  }

  async keepOnly(partitions: readonly number[]): Promise<void> {
    const lost = [...this.#feeds].filter(([partition]) => !partitions.includes(partition))
    await Promise.all(
      lost.map(async ([partition, feed]) => {
        await feed.close()
        this.#feeds.delete(partition)
      }),
    )
  }

  take(partitions: readonly number[]): void {
    for (const partition of partitions) {
      if (this.#feeds.has(partition)) continue
      const feed = new PartitionFeed(partition, this.#host)
      this.#feeds.set(partition, feed)
      feed.start()
    }
  }

  #feedAll(): void {
    for (const partition of this.#feeds.keys()) this.feed(partition)
  }

  feed(partition: number): void {
    const feed = this.#feeds.get(partition)
    if (feed === undefined || !feed.isHungry) return
    const log = this.#log.partition(this.#host.topic, partition)
    const from = feed.next
    if (from >= log.extent.end) return
    if (from < log.extent.start) {
      this.#host.failed(outOfRange(`${this.#host.topic} ${partition}`, from, log.extent))
      return
    }
    const messages = log.from(from, READ_AT_ONCE)
    feed.push(from, { messages, next: from + messages.length, end: log.extent.end })
  }
}
