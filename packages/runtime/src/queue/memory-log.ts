/**
 * MemoryLog: the topics of the memory queue, each a list of partitions, each a list of messages.
 *
 * Nothing is ever dropped by itself: whoever uses it for long must `trim`.
 */
import { type Extent, type Message, type Outgoing, QueueError } from './queue.ts'

export interface MemoryPartition {
  readonly extent: Extent
  append(messages: readonly Outgoing[], time: number): number
  from(offset: number, most: number): readonly Message[]
  trim(start: number): void
}

export class MemoryLog {
  readonly #topics = new Map<string, readonly MemoryPartition[]>()

  /** A topic that exists keeps its messages and its number of partitions. */
  addTopic(topic: string, partitions: number): void {
    if (this.#topics.has(topic)) return
    this.#topics.set(topic, Array.from({ length: partitions }, makePartition))
  }

  partitions(topic: string): readonly MemoryPartition[] {
    const partitions = this.#topics.get(topic)
    if (partitions === undefined) throw new QueueError('no-topic', `there is no topic ${topic}`)
    return partitions
  }

  partition(topic: string, partition: number): MemoryPartition {
    const found = this.partitions(topic)[partition]
    if (found === undefined) throw new QueueError('no-topic', `topic ${topic} has no partition ${partition}`)
    return found
  }
}

function makePartition(): MemoryPartition {
  let start = 0
  let messages: Message[] = []
  return {
    get extent() {
      return { start, end: start + messages.length }
    },
    append: (outgoing, time) => {
      const first = start + messages.length
      outgoing.forEach(({ key, value }, at) => {
        messages.push({ offset: first + at, time, key, value })
      })
      return first
    },
    from: (offset, most) => messages.slice(offset - start, offset - start + most),
    trim: (wanted) => {
      const cut = Math.min(Math.max(wanted - start, 0), messages.length)
      messages = messages.slice(cut)
      start += cut
    },
  }
}
