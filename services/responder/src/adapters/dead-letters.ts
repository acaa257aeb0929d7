/**
 * Dead letters: messages that could not be used, put aside as they were.
 *
 * They are acknowledged before the offset behind them is committed, so none is lost; after a crash in between, one may lie
 * there twice, told apart from a second one by its topic, partition and offset.
 */
import { type Message, type Producer, QueueError } from '@picket/runtime'
import { type DeadLetter, MESSAGES } from '@picket/schemas/messages'
import type { ReadTopic } from '../config.ts'
import type { FleetEvents } from '../events.ts'
import type { DeadReason } from './read-message.ts'

export interface Poison {
  readonly offset: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly reason: DeadReason
  readonly detail: string
}

export type Unusable = Pick<Poison, 'reason' | 'detail'>

/** Hands on each message in turn. One that cannot be used, or makes the handler throw, is poison and stops none of the others. */
export function takeEach(
  messages: readonly Message[],
  take: (message: Message) => Unusable | undefined,
): Poison[] {
  return messages.flatMap((message) => {
    const unusable = tryToTake(message, take)
    const { offset, key, value } = message
    return unusable === undefined ? [] : [{ offset, key, value, ...unusable }]
  })
}

function tryToTake(message: Message, take: (message: Message) => Unusable | undefined): Unusable | undefined {
  try {
    return take(message)
  } catch (error) {
    return { reason: 'handler-fault', detail: String(error) }
  }
}

const PARTITION = 0
const MAX_DETAIL = 1_000

export class DeadLetters {
  readonly #producer: () => Producer
  readonly #prefix: string
  readonly #events: FleetEvents

  constructor(producer: () => Producer, prefix: string, events: FleetEvents) {
    this.#producer = producer
    this.#prefix = prefix
    this.#events = events
  }

  async put(topic: ReadTopic, partition: number, all: readonly Poison[]): Promise<void> {
    for (const poison of all) {
      await this.#send(this.#letter(topic, partition, poison))
      this.#events.setAside(topic, partition, poison.offset, poison.reason, poison.detail)
    }
  }

  #letter(topic: ReadTopic, partition: number, poison: Poison): DeadLetter {
    return {
      topic: `${this.#prefix}.${topic}`,
      partition,
      offset: poison.offset,
      time: Date.now(),
      service: 'responder',
      reason: poison.reason,
      detail: poison.detail.slice(0, MAX_DETAIL),
      key: poison.key,
      value: poison.value,
    }
  }

  /** What is too large with its wrapping goes without its bytes, rather than stop the partition for ever. */
  async #send(letter: DeadLetter): Promise<void> {
    try {
      await this.#append(letter)
    } catch (error) {
      if (!(error instanceof QueueError) || error.reason !== 'too-large') throw error
      const detail = `${letter.detail} (its ${letter.value?.length ?? 0} bytes are left out)`
      await this.#append({ ...letter, detail, key: null, value: null })
    }
  }

  async #append(letter: DeadLetter): Promise<void> {
    const value = MESSAGES.deadLetter.encode(letter)
    await this.#producer().send(`${this.#prefix}.dead-letters`, PARTITION, [{ key: null, value }])
  }
}
