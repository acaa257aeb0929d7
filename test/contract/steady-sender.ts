/**
 * Sends numbers to each partition of a topic, one batch outstanding for each, as a collector does, until it is told to end.
 */
import assert from 'node:assert/strict'
import type { Producer, Queue } from '@picket/runtime'
import { waitUntil } from '../services/wait-until.ts'
import { asText, collect } from './queue-bench.ts'
import { texts, upTo } from './recording-reader.ts'

const BATCH = 3

export class SteadySender {
  /** How many were sent to each partition until now. */
  readonly counts: number[]
  #isEnding = false
  readonly #lanes: Promise<number>[]

  constructor(producer: Producer, topic: string, partitions: number) {
    this.counts = upTo(partitions).map(() => 0)
    this.#lanes = upTo(partitions).map(async (partition) => {
      let next = 0
      while (!this.#isEnding) {
        await producer.send(topic, partition, texts(next, next + BATCH))
        next += BATCH
        this.counts[partition] = next
      }
      return next
    })
  }

  /** All partitions have gone on by so many from now. */
  async more(messages: number): Promise<void> {
    const before = [...this.counts]
    const isDone = (): boolean => this.counts.every((count, at) => count >= (before[at] ?? 0) + messages)
    await waitUntil(isDone, () => `${messages} more for each, not ${this.counts} after ${before}`)
  }

  end(): Promise<number[]> {
    this.#isEnding = true
    return Promise.all(this.#lanes)
  }
}

/** Each partition holds the numbers from 0 up to its count, each once and in order. */
export async function assertWhole(queue: Queue, topic: string, counts: readonly number[]): Promise<void> {
  for (const [partition, count] of counts.entries()) {
    assert.equal((await queue.extent(topic, partition)).end, count, `partition ${partition}`)
    assert.deepEqual((await collect(queue, topic, partition, count)).map(asText), upTo(count).map(String))
  }
}
