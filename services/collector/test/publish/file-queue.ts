/**
 * A queue that is one file: what collectors of several lives sent, in order, for proofs about what arrives.
 *
 * It is no broker: acceptance tests use a real one. It can be told to refuse, to take and not say so, and to wait.
 */
import { appendFileSync, existsSync, openSync } from 'node:fs'
import {
  appendFrame,
  type Extent,
  headParts,
  type Message,
  type Outgoing,
  type Producer,
  type Queue,
  QueueError,
  readFrames,
  readHeaded,
  type Subscription,
} from '@picket/runtime'

type Addressed = Outgoing & { readonly partition: number }

export interface Sent {
  readonly topic: string
  readonly partition: number
  readonly bytes: Uint8Array
}

/** Called with every request before it is taken; throwing refuses it. */
export type OnRequest = (topic: string, messages: readonly Addressed[]) => void | Promise<void>

export class FileQueue implements Queue {
  readonly #fd: number
  readonly #partitions: number
  /** Called after a request was taken; throwing loses the acknowledgement. */
  afterRequest: OnRequest = () => {}
  onRequest: OnRequest = () => {}

  constructor(path: string, partitions: number) {
    if (!existsSync(path)) appendFileSync(path, '')
    this.#fd = openSync(path, 'a')
    this.#partitions = partitions
  }

  async producer(): Promise<Producer> {
    return {
      send: async (topic, partition, messages) => {
        await this.#take(
          topic,
          messages.map((message) => ({ ...message, partition })),
        )
        return 0
      },
      sendAll: (topic, messages) => this.#take(topic, messages),
      close: async () => {},
    }
  }

  async #take(topic: string, messages: readonly Addressed[]): Promise<void> {
    await this.onRequest(topic, messages)
    for (const { partition, value } of messages) {
      appendFrame(this.#fd, [...headParts(1, { topic, partition }), value ?? new Uint8Array(0)])
    }
    await this.afterRequest(topic, messages)
  }

  async partitions(): Promise<number> {
    return this.#partitions
  }

  reachable(): boolean {
    return true
  }

  async close(): Promise<void> {}

  async extent(): Promise<Extent> {
    throw new QueueError('broken', 'this queue is only sent to')
  }

  async subscribe(): Promise<Subscription> {
    throw new QueueError('broken', 'this queue is only sent to')
  }

  // biome-ignore lint/correctness/useYield: nothing can be read here
  async *read(): AsyncIterable<Message> {
    throw new QueueError('broken', 'this queue is only sent to')
  }
}

/** A child that is killed may leave half a frame: it was not taken. */
export function sentTo(path: string): Sent[] {
  const sent: Sent[] = []
  for (const payload of readFrames(path)) {
    const { head, bytes } = readHeaded(payload)
    sent.push({ ...(head as { topic: string; partition: number }), bytes })
  }
  return sent
}
