/**
 * The queue inside one process: what `picket run` is carried by, and the fleet's tests that need no broker.
 *
 * It keeps the port's promises, not Kafka's durability: what it holds ends with the process. Groups are those of one queue object.
 */
import { BackOff } from '../back-off.ts'
import { MemoryGroup, type MemoryMember } from './memory-group.ts'
import { MemoryLog } from './memory-log.ts'
import {
  type Extent,
  type Message,
  type Outgoing,
  type PartitionReader,
  type Producer,
  type Queue,
  QueueError,
  type SubscribeOptions,
  type Subscription,
} from './queue.ts'

export interface MemoryQueueOptions {
  /** The topics and their numbers of partitions. */
  readonly topics: Readonly<Record<string, number>>
  /** Keys and values of one `send`, in bytes; as Kafka's max.message.bytes, but before compression. */
  readonly maxSendBytes?: number
  readonly now?: () => number
}

const MAX_SEND_BYTES = 1 << 20
const READ_AT_ONCE = 64

export class MemoryQueue implements Queue {
  readonly #log = new MemoryLog()
  readonly #groups = new Map<string, MemoryGroup>()
  readonly #maxSendBytes: number
  readonly #now: () => number
  #isClosed = false

  constructor(options: MemoryQueueOptions) {
    for (const [topic, partitions] of Object.entries(options.topics)) this.#log.addTopic(topic, partitions)
    this.#maxSendBytes = options.maxSendBytes ?? MAX_SEND_BYTES
    this.#now = options.now ?? Date.now
  }

  async producer(): Promise<Producer> {
    this.#requireOpen()
    return {
      send: async (...args) => this.#send(...args),
      sendAll: async (topic, messages) => {
        for (const message of messages) this.#send(topic, message.partition, [message])
      },
      close: async () => undefined,
    }
  }

  async subscribe(options: SubscribeOptions, reader: PartitionReader): Promise<Subscription> {
    this.#requireOpen()
    const { topic, group } = options
    this.#log.partitions(topic)
    const key = `${topic}\0${group}`
    const members = this.#groups.get(key) ?? new MemoryGroup(topic, this.#log)
    this.#groups.set(key, members)
    const member: MemoryMember = members.join(options.concurrency, reader)
    return member
  }

  async partitions(topic: string): Promise<number> {
    return this.#log.partitions(topic).length
  }

  async extent(topic: string, partition: number): Promise<Extent> {
    return this.#log.partition(topic, partition).extent
  }

  async *read(topic: string, partition: number, from: number, to: number): AsyncIterable<Message> {
    const log = this.#log.partition(topic, partition)
    let next = from
    const waiting = new BackOff()
    while (next < to) {
      this.#requireOpen()
      if (next < log.extent.start)
        throw new QueueError('out-of-range', `${topic} ${partition} has no offset ${next}`)
      const messages = log.from(next, Math.min(READ_AT_ONCE, to - next))
      if (messages.length === 0) await waiting.wait()
      yield* messages
      next += messages.length
    }
  }

  /** Forgets what stands before this offset, as retention does. */
  trim(topic: string, partition: number, start: number): void {
    this.#log.partition(topic, partition).trim(start)
  }

  reachable(): boolean {
    return !this.#isClosed
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#groups.values()].map((group) => group.close()))
  }

  #send(topic: string, partition: number, messages: readonly Outgoing[]): number {
    this.#requireOpen()
    const log = this.#log.partition(topic, partition)
    const bytes = sizeOf(messages)
    if (bytes > this.#maxSendBytes) {
      throw new QueueError('too-large', `${bytes} bytes for ${topic}: at most ${this.#maxSendBytes} at once`)
    }
    const first = log.append(messages, this.#now())
    for (const group of this.#groups.values()) group.appended(topic, partition)
    return first
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new QueueError('broken', 'the queue is closed')
  }
}

export function sizeOf(messages: readonly Outgoing[]): number {
  return messages.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0)
}
