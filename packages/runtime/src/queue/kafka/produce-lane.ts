/**
 * ProduceLane: what waits to be appended to one partition, and under which sequence number.
 *
 * The number rises only when the broker has said for certain that a batch was appended. Until then the very same batch is sent again
 * under the very same number, so that a broker which has it already does not append it twice.
 */
import type { Outgoing, QueueError } from '../queue.ts'
import type { ProducerIdentity } from './kafkajs.ts'

export interface Pending {
  readonly messages: readonly Outgoing[]
  readonly bytes: number
  readonly resolve: (firstOffset: number) => void
  readonly reject: (error: QueueError) => void
  /** It was sent, and nobody knows what became of it. */
  isAmbiguous: boolean
  /** Since when the broker says that there is no such topic. */
  missingSince: number | undefined
}

/** Numbers are of 32 bits; well before their end it begins anew. */
const LAST_SEQUENCE = 2_000_000_000

export class ProduceLane {
  readonly topic: string
  readonly partition: number
  readonly isCompressed: boolean
  readonly waiting: Pending[] = []
  identity: ProducerIdentity | undefined
  sequence = 0
  isBusy = false
  /** Counts the requests of the producer: when this lane last had a part in one. */
  servedAt = 0
  /** A request for several partitions has failed: each is sent by itself until it is known which one was at fault. */
  isAlone = false

  constructor(topic: string, partition: number, isCompressed: boolean) {
    this.topic = topic
    this.partition = partition
    this.isCompressed = isCompressed
  }

  get head(): Pending | undefined {
    return this.waiting[0]
  }

  appended(firstOffset: number): void {
    const done = this.waiting.shift()
    this.sequence += done?.messages.length ?? 0
    if (this.sequence > LAST_SEQUENCE) this.renew()
    this.isAlone = false
    done?.resolve(firstOffset)
  }

  /** For good. Where its fate is unknown, its number cannot be given to another batch: a broker that has it would drop that one. */
  refused(error: QueueError): void {
    const refused = this.waiting.shift()
    if (refused?.isAmbiguous === true) this.renew()
    this.isAlone = false
    refused?.reject(error)
  }

  /** Begins anew as another producer in the broker's eyes. */
  renew(): void {
    this.identity = undefined
    this.sequence = 0
  }

  abandon(error: QueueError): void {
    for (const pending of this.waiting.splice(0)) pending.reject(error)
  }
}
