/**
 * Outlet: all that a detector publishes. Each call resolves once the broker has it on all in-sync replicas.
 *
 * An alert is packed when it is committed and published from the outbox as those very bytes, so that a second
 * publishing, by whichever owner, is byte for byte the first.
 */
import type { Producer } from '@picket/runtime'
import { hashText, LOW_SEED, parsePrefix, partitionOf } from '@picket/schemas'
import { alertMessage, type IncidentRecord, MESSAGES } from '@picket/schemas/messages'
import { portions } from './portions.ts'
import type { LoggedAlert, Onward, Poison } from './stage.ts'

export interface OutletTopics {
  readonly input: string
  readonly contacts: string
  readonly alerts: string
  readonly alertPartitions: number
  readonly deadLetters: string
}

/** An alert as it lies in the outbox, and where on the topic it belongs. */
export interface PackedAlert extends Onward {
  readonly value: Uint8Array
}

export class Outlet {
  readonly #producer: Producer
  readonly #topics: OutletTopics
  readonly #service = 'detector'

  constructor(producer: Producer, topics: OutletTopics) {
    this.#producer = producer
    this.#topics = topics
  }

  pack({ alert, logged }: LoggedAlert): PackedAlert {
    const message = alertMessage(alert, logged)
    return addressed(message.incident, MESSAGES.alert.encode(message), this.#topics.alertPartitions)
  }

  /** An alert that another process has packed, or this one before it began anew. */
  unpack(value: Uint8Array): PackedAlert {
    const decoded = MESSAGES.alert.decode(value)
    if (!decoded.ok) throw new Error(`an alert of the outbox cannot be read: ${decoded.detail}`)
    return addressed(decoded.value.incident, value, this.#topics.alertPartitions)
  }

  async publish(packed: readonly PackedAlert[]): Promise<void> {
    await this.#sendAll(this.#topics.alerts, packed)
  }

  async passOn(onward: readonly Onward[]): Promise<void> {
    await this.#sendAll(this.#topics.contacts, onward)
  }

  async #sendAll(topic: string, messages: readonly Onward[]): Promise<void> {
    for (const portion of portions(messages)) await this.#producer.sendAll(topic, portion)
  }

  async setAside(partition: number, { message, reason, detail }: Poison): Promise<void> {
    const value = MESSAGES.deadLetter.encode({
      topic: this.#topics.input,
      partition,
      offset: message.offset,
      time: Date.now(),
      service: this.#service,
      reason,
      detail: detail.slice(0, 2_000),
      key: message.key,
      value: message.value,
    })
    await this.#producer.send(this.#topics.deadLetters, 0, [{ key: null, value }])
  }
}

/** All alerts of one source, or of one target, stand in one partition. */
function addressed(
  incident: Pick<IncidentRecord, 'source' | 'target' | 'prefix'>,
  value: Uint8Array,
  partitions: number,
): PackedAlert {
  const key = incident.source === null ? `${incident.target ?? ''} ${incident.prefix}` : incident.prefix
  return {
    partition: partitionFor(incident.source, key, partitions),
    key: new TextEncoder().encode(key),
    value,
  }
}

function partitionFor(source: string | null, key: string, partitions: number): number {
  const prefix = source === null ? undefined : parsePrefix(source)
  if (prefix !== undefined) return partitionOf(prefix.address, partitions)
  return (hashText(key, LOW_SEED) >>> 0) % partitions
}
