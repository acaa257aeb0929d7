/**
 * Heartbeats: what this collector says of itself on the topic of receipts, so that a silent host is noticed.
 *
 * One that cannot be sent is lost: the next is due soon, and the spool is for packets.
 */
import type { Producer } from '@picket/runtime'
import { HIGH_SEED, hashText } from '@picket/schemas'
import { type Heartbeat, MESSAGES } from '@picket/schemas/messages'
import type { SpoolEvents } from '../spool-events.ts'

export interface HeartbeatOptions {
  readonly topic: string
  readonly partitions: number
  readonly everyMs: number
  readonly instance: string
  readonly reporter: string
  readonly version: string
}

export type Saying = Pick<Heartbeat, 'faults' | 'numbers'>

export class Heartbeats {
  readonly #options: HeartbeatOptions
  readonly #producer: () => Producer | undefined
  readonly #events: SpoolEvents
  readonly #say: () => Saying
  readonly #started: number = Date.now()
  #timer: NodeJS.Timeout | undefined

  constructor(
    options: HeartbeatOptions,
    producer: () => Producer | undefined,
    events: SpoolEvents,
    say: () => Saying,
  ) {
    this.#options = options
    this.#producer = producer
    this.#events = events
    this.#say = say
  }

  start(): void {
    this.#timer = setInterval(() => void this.beat('running'), this.#options.everyMs)
  }

  async beat(state: 'running' | 'stopping'): Promise<void> {
    const { topic, partitions, everyMs, instance, reporter, version } = this.#options
    const value = MESSAGES.receipt.encode({
      service: 'collector',
      instance,
      reporter,
      time: Date.now(),
      version,
      heartbeat: { started: this.#started, everyMs, state, ...this.#say() },
      ban: null,
    })
    const partition = (hashText(reporter, HIGH_SEED) >>> 0) % partitions
    try {
      await this.#producer()?.send(topic, partition, [{ key: new TextEncoder().encode(reporter), value }])
    } catch (error) {
      this.#events.heartbeatFailed(error as Error)
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
