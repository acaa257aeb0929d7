/**
 * What the tests of the queue's contract work with: one log, and clients of it.
 */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { Message, Queue, QueueError, Subscription } from '@picket/runtime'
import { type RecordingReader, texts } from './recording-reader.ts'

export interface QueueUnderTest {
  /** Another client of the same log. */
  connect(): Queue
  /** A fresh topic, and its name. */
  topic(partitions: number): Promise<string>
  /** As retention does. */
  trim(topic: string, partition: number, start: number): Promise<void>
  /** Does the group wait for its members to end what is under way? */
  isChanging(group: string): Promise<boolean>
  close(): Promise<void>
}

/** Fails with `retryable`, as a store that is away does. */
export class Away extends Error {
  readonly retryable = true
}

export class Bench {
  readonly name: string
  readonly #clients: Queue[] = []
  #made: QueueUnderTest | undefined

  constructor(name: string, start: () => Promise<QueueUnderTest>) {
    this.name = name
    before(async () => {
      this.#made = await start()
      this.connect()
    })
    after(async () => {
      await Promise.all(this.#clients.map((client) => client.close()))
      await this.#made?.close()
    })
  }

  get queue(): Queue {
    const [first] = this.#clients
    if (first === undefined) throw new Error('not started')
    return first
  }

  connect(): Queue {
    const client = this.#log.connect()
    this.#clients.push(client)
    return client
  }

  topic(partitions: number): Promise<string> {
    return this.#log.topic(partitions)
  }

  trim(topic: string, partition: number, start: number): Promise<void> {
    return this.#log.trim(topic, partition, start)
  }

  /** A topic with so many messages in each partition, which say their offsets. */
  async filled(partitions: number, messages: number): Promise<string> {
    const topic = await this.topic(partitions)
    const producer = await this.queue.producer()
    for (let partition = 0; partition < partitions; partition++) {
      await producer.send(topic, partition, texts(0, messages))
    }
    await producer.close()
    return topic
  }

  reading(topic: string, reader: RecordingReader, client: Queue = this.queue): Promise<Subscription> {
    return client.subscribe({ topic, group: groupOf(topic) }, reader)
  }

  isChanging(topic: string): Promise<boolean> {
    return this.#log.isChanging(groupOf(topic))
  }

  get #log(): QueueUnderTest {
    if (this.#made === undefined) throw new Error('not started')
    return this.#made
  }
}

function groupOf(topic: string): string {
  return `group-of-${topic}`
}

export async function collect(
  queue: Queue,
  topic: string,
  partition: number,
  to: number,
): Promise<Message[]> {
  const messages: Message[] = []
  for await (const message of queue.read(topic, partition, 0, to)) messages.push(message)
  return messages
}

export const asText = ({ value }: Message): string => Buffer.from(value ?? []).toString()

export const isFault =
  (reason: string) =>
  (error: QueueError): boolean => {
    assert.deepEqual([error.name, error.reason], ['QueueError', reason], error.message)
    return true
  }
