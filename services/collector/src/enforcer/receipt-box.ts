/**
 * ReceiptBox: what this host says to the fleet, kept until the broker has it. Of a subject only the newest receipt counts.
 *
 * A heartbeat that cannot be sent is lost; the next is due soon. It also asks the broker for the time.
 */
import { failpoint, type Producer, pause, type Queue, QueueError, within } from '@picket/runtime'
import { HIGH_SEED, hashText } from '@picket/schemas'
import { type BanReceipt, type Heartbeat, MESSAGES, type Receipt } from '@picket/schemas/messages'
import type { BrokerClock } from './broker-clock.ts'

export interface Sender {
  readonly reporter: string
  readonly instance: string
  readonly version: string
  readonly topic: string
}

const AT_ONCE = 500
/** Beyond that the oldest go. */
const MOST = 50_000
const RETRY_MOST_MS = 10_000
/** An answer later than this says nothing about the time. */
const PROMPT_MS = 2_000
const ASK_TIME_EVERY_MS = 60_000

export class ReceiptBox {
  readonly #queue: Queue
  readonly #sender: Sender
  readonly #key: Uint8Array
  readonly #clock: BrokerClock
  readonly #failed: (error: Error) => void
  readonly #ending = new AbortController()
  readonly #waiting = new Map<string, BanReceipt>()
  #producer: Promise<Producer> | undefined
  #partition: Promise<number> | undefined
  #sending: Promise<void> | undefined
  #askTimeAt = Number.NEGATIVE_INFINITY
  dropped = 0

  constructor(queue: Queue, sender: Sender, clock: BrokerClock, failed: (error: Error) => void) {
    this.#queue = queue
    this.#sender = sender
    this.#key = new TextEncoder().encode(sender.reporter)
    this.#clock = clock
    this.#failed = failed
  }

  get waiting(): number {
    return this.#waiting.size
  }

  put(receipts: readonly BanReceipt[]): void {
    for (const receipt of receipts) {
      this.#waiting.delete(receipt.subject)
      this.#waiting.set(receipt.subject, receipt)
    }
    for (const subject of this.#waiting.keys()) {
      if (this.#waiting.size <= MOST) break
      this.#waiting.delete(subject)
      this.dropped++
    }
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined
    })
  }

  /** Says that we live, and learns the broker's time from the answer. */
  async beat(heartbeat: Heartbeat): Promise<void> {
    try {
      const [producer, partition] = [await this.#openProducer(), await this.#findPartition()]
      const sent = this.#clock.mark()
      const offset = await producer.send(this.#sender.topic, partition, [
        this.#message({ heartbeat, ban: null }),
      ])
      const answered = this.#clock.mark()
      if (answered - sent > PROMPT_MS || answered < this.#askTimeAt) return
      await this.#learnTime(partition, offset, sent, answered)
      this.#askTimeAt = answered + ASK_TIME_EVERY_MS
    } catch (error) {
      this.#failed(error as Error)
    }
  }

  /** Sends what it can within the time. */
  async close(withinMs: number): Promise<void> {
    await within(withinMs, this.#sending)
    this.#ending.abort()
    await (await this.#producer?.catch(() => undefined))?.close()
  }

  async #send(): Promise<void> {
    const { signal } = this.#ending
    for (let waitMs = 200; this.#waiting.size > 0 && !signal.aborted; ) {
      const lot = [...this.#waiting.values()].slice(0, AT_ONCE)
      try {
        const producer = await this.#openProducer()
        const messages = lot.map((ban) => this.#message({ heartbeat: null, ban }))
        await producer.send(this.#sender.topic, await this.#findPartition(), messages)
        failpoint('enforcer.receipts-sent')
        this.#sent(lot)
        waitMs = 200
      } catch (error) {
        this.#failed(error as Error)
        await pause(waitMs, signal)
        waitMs = Math.min(waitMs * 2, RETRY_MOST_MS)
      }
    }
  }

  #sent(lot: readonly BanReceipt[]): void {
    for (const receipt of lot) {
      if (this.#waiting.get(receipt.subject) === receipt) this.#waiting.delete(receipt.subject)
    }
  }

  /** Reading our own heartbeat back may not be allowed to us; then the time of bans has to do. */
  async #learnTime(partition: number, offset: number, sent: number, answered: number): Promise<void> {
    try {
      for await (const { time } of this.#queue.read(this.#sender.topic, partition, offset, offset + 1)) {
        this.#clock.asked(time, sent, answered)
      }
    } catch (error) {
      if (!(error instanceof QueueError && error.reason === 'denied')) throw error
    }
  }

  #message(what: Pick<Receipt, 'heartbeat' | 'ban'>): { key: Uint8Array; value: Uint8Array } {
    const { reporter, instance, version } = this.#sender
    const receipt = { service: 'enforcer', instance, reporter, time: Date.now(), version, ...what }
    return { key: this.#key, value: MESSAGES.receipt.encode(receipt) }
  }

  #openProducer(): Promise<Producer> {
    this.#producer ??= again(this.#queue.producer(), () => {
      this.#producer = undefined
    })
    return this.#producer
  }

  #findPartition(): Promise<number> {
    this.#partition ??= again(
      this.#queue
        .partitions(this.#sender.topic)
        .then((count) => (hashText(this.#sender.reporter, HIGH_SEED) >>> 0) % count),
      () => {
        this.#partition = undefined
      },
    )
    return this.#partition
  }
}

/** What failed is asked anew the next time. */
async function again<T>(asked: Promise<T>, forget: () => void): Promise<T> {
  try {
    return await asked
  } catch (error) {
    forget()
    throw error
  }
}
