/**
 * Publisher: durable batches to the broker, one outstanding per partition, in their order, for as long as it takes.
 *
 * Partitions do not wait for each other; the producer puts what comes together into one request. What became of a
 * request that failed nobody knows: the same bytes go again under the same number, and readers drop what they have
 * seen. A batch that is refused as too large is never cut; it is kept as a dead letter and its number stays missing.
 */
import { failpoint, type Producer, type Queue, QueueError } from '@picket/runtime'
import type { SpoolEvents } from '../spool-events.ts'
import { writeDeadLetter } from './dead-letter-file.ts'
import type { Spool } from './spool/spool.ts'
import type { DueBatch } from './spool/spool-parts.ts'

export interface PublisherOptions {
  readonly topic: string
  readonly partitions: number
  /** For what the broker will never take. */
  readonly deadLetters: string
}

const FIRST_RETRY_MS = 200
const LAST_RETRY_MS = 10_000

interface Lane {
  readonly partition: number
  isBusy: boolean
  /** Since its last success. */
  failures: number
  retry: NodeJS.Timeout | undefined
}

export class Publisher {
  readonly #options: PublisherOptions
  readonly #spool: Spool
  readonly #queue: Queue
  readonly #events: SpoolEvents
  readonly #lanes: readonly Lane[]
  #producer: Producer | undefined
  #opening: Promise<void> = Promise.resolve()
  #stopped = false
  readonly #stopping = new AbortController()
  #idle: (() => void) | undefined
  /** The topic is not as we were told: batches would go to the wrong partitions. */
  fault: Error | undefined
  /** Resolves with the fault, if there ever is one. */
  readonly failed: Promise<Error>
  #fail: (error: Error) => void = () => {}

  constructor(options: PublisherOptions, spool: Spool, queue: Queue, events: SpoolEvents) {
    this.#options = options
    this.#spool = spool
    this.#queue = queue
    this.#events = events
    this.failed = new Promise((resolve) => {
      this.#fail = resolve
    })
    this.#lanes = Array.from({ length: options.partitions }, (_, partition) => {
      return { partition, isBusy: false, failures: 0, retry: undefined }
    })
  }

  /** Does not wait for the broker. */
  start(): void {
    this.#opening = this.#open()
  }

  async #open(): Promise<void> {
    for (let failures = 0; !this.#stopped; failures++) {
      try {
        await this.#checkTopic()
        this.#producer = await this.#queue.producer()
        this.wake()
        return
      } catch (error) {
        if (error instanceof WrongTopic) {
          this.fault = error
          this.#fail(error)
          return
        }
        this.#events.publishFailed(error as Error)
        await pause(backOff(failures), this.#stopping.signal)
      }
    }
  }

  async #checkTopic(): Promise<void> {
    const { topic, partitions } = this.#options
    const found = await this.#queue.partitions(topic)
    if (found !== partitions) throw new WrongTopic(topic, found, partitions)
  }

  /** Resolves when the broker has been reached once, or never will be. */
  get opened(): Promise<void> {
    return this.#opening
  }

  get producer(): Producer | undefined {
    return this.#producer
  }

  /** Sends what is due; to be called when something may be. */
  wake(): void {
    const producer = this.#producer
    if (producer === undefined || this.#stopped) return
    for (const lane of this.#lanes) {
      const batch = lane.isBusy || lane.retry !== undefined ? undefined : this.#spool.next(lane.partition)
      if (batch === undefined) continue
      lane.isBusy = true
      void this.#send(producer, lane, batch)
    }
  }

  async #send(producer: Producer, lane: Lane, batch: DueBatch): Promise<void> {
    const message = { key: keyOf(batch.partition), value: batch.bytes }
    try {
      const sending = producer.send(this.#options.topic, batch.partition, [message])
      failpoint('collector.sending')
      await sending
      failpoint('collector.sent')
      this.#taken(lane, batch)
    } catch (error) {
      this.#failed(lane, batch, error as Error)
    }
    this.wake()
    if (!this.#isSending) this.#idle?.()
  }

  #taken(lane: Lane, batch: DueBatch): void {
    lane.isBusy = false
    this.#spool.acknowledge(batch)
    this.#events.batchPublished(batch.packets, (Date.now() - batch.sealed) / 1000)
    if (lane.failures > 0) this.#hurry()
    lane.failures = 0
  }

  /** The broker is back for one: the others need not wait any longer. */
  #hurry(): void {
    for (const lane of this.#lanes) {
      clearTimeout(lane.retry)
      lane.retry = undefined
    }
  }

  #failed(lane: Lane, batch: DueBatch, error: Error): void {
    lane.isBusy = false
    this.#spool.giveBack(batch)
    if (this.#stopped) return
    this.#events.publishFailed(error)
    if (error instanceof QueueError && error.reason === 'too-large') this.#setAside(lane, batch)
    else this.#retryLater(lane)
  }

  #retryLater(lane: Lane): void {
    lane.retry = setTimeout(
      () => {
        lane.retry = undefined
        this.wake()
      },
      backOff(lane.failures++),
    )
  }

  #setAside(lane: Lane, batch: DueBatch): void {
    try {
      writeDeadLetter(this.#options.deadLetters, batch)
    } catch (error) {
      this.#events.publishFailed(error as Error)
      this.#retryLater(lane)
      return
    }
    lane.failures = 0
    this.#spool.acknowledge(batch)
    this.#events.batchesDropped(1, batch.packets, 'too-large')
  }

  get #isSending(): boolean {
    return this.#lanes.some(({ isBusy }) => isBusy)
  }

  /** Resolves when the spool is empty or nothing can be sent at the moment, at the latest after so long. */
  async drain(ms: number): Promise<void> {
    if (this.#producer === undefined) return
    this.wake()
    if (!this.#isSending || !this.#queue.reachable()) return
    const done = new Promise<void>((resolve) => {
      this.#idle = resolve
    })
    await Promise.race([done, pause(ms, this.#stopping.signal)])
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopping.abort()
    for (const lane of this.#lanes) clearTimeout(lane.retry)
    await Promise.race([this.#opening, pause(CLOSING_MS)])
    if (this.#producer !== undefined) await Promise.race([this.#producer.close(), pause(CLOSING_MS)])
  }
}

const CLOSING_MS = 1_000

/** What the topic has is not what batches were made for. */
export class WrongTopic extends Error {
  override readonly name = 'WrongTopic'

  constructor(topic: string, found: number, wanted: number) {
    super(
      `topic ${topic} has ${found} partitions, and the configuration says ${wanted}: nothing is sent, as ` +
        'every agent and detector must divide sources alike',
    )
  }
}

function keyOf(partition: number): Uint8Array {
  const key = new Uint8Array(4)
  new DataView(key.buffer).setUint32(0, partition)
  return key
}

function backOff(failures: number): number {
  const ms = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10))
  return ms * (0.8 + Math.random() * 0.4)
}

/** Ends early, but well, when the signal comes. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    timer.unref()
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
