/**
 * Alert lane: alerts of this process into the reader of their partition, where no topic carries them.
 *
 * It is the part of a queue that is left when both ends are one process: numbers that go on where the store stands, chunks, and the
 * same alerts again when the reader could not take them. Whoever puts one keeps it until it is taken.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type Message, type PartitionReader, Reassign } from '@picket/runtime'
import type { Alert } from '@picket/schemas'
import { alertMessage, MESSAGES } from '@picket/schemas/messages'

export interface LaneOptions {
  readonly reader: PartitionReader
  /** The reader could not take what was put; it is given it again. */
  readonly failed: (error: Error) => void
}

interface Waiting {
  readonly value: Uint8Array
  readonly taken: () => void
}

const PARTITION = 0
const AT_ONCE = 200
const RETRY_MS = 200

export class AlertLane {
  readonly #options: LaneOptions
  #waiting: Waiting[] = []
  #next = 0
  #running: Promise<void> | undefined
  #isStopping = false

  constructor(options: LaneOptions) {
    this.#options = options
  }

  /** Before anything is put. */
  async start(): Promise<void> {
    // There is nothing to be read but what is put from now on
    this.#next = await this.#options.reader.assigned(PARTITION, { start: 0, end: 0 })
  }

  /** Resolves when it is weighed, decided, and kept in the store; never when the lane ends before. */
  put(alert: Alert): Promise<void> {
    const value = MESSAGES.alert.encode(alertMessage(alert, 0))
    return new Promise((resolve) => {
      this.#waiting.push({ value, taken: resolve })
      this.#running ??= this.#run()
    })
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#running
    await this.#options.reader.revoked(PARTITION)
  }

  async #run(): Promise<void> {
    // Alerts of one chunk of the log come in one turn of the event loop
    await undefined
    while (this.#waiting.length > 0 && !this.#isStopping) {
      const some = this.#waiting.slice(0, AT_ONCE)
      if (!(await this.#isTaken(some))) continue
      this.#waiting = this.#waiting.slice(some.length)
      this.#next += some.length
      for (const { taken } of some) taken()
    }
    this.#running = undefined
  }

  async #isTaken(some: readonly Waiting[]): Promise<boolean> {
    const { reader, failed } = this.#options
    const time = Date.now()
    const messages = some.map(
      ({ value }, at): Message => ({ offset: this.#next + at, time, key: null, value }),
    )
    try {
      await reader.messages(PARTITION, messages, this.#next + messages.length)
      return true
    } catch (error) {
      failed(error as Error)
      await pause(RETRY_MS)
      if (error instanceof Reassign) await this.start().catch(failed)
      return false
    }
  }
}
