/**
 * Receipt watch: what the enforcers of the whole fleet say, read without a group.
 *
 * Each responder reads all of it, since a host's receipts lie in one partition and the bans that they are about in all. At its start it
 * reads so far back as is reasonable; what was confirmed before that is confirmed again by nobody, so only newer bans are waited for.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Queue } from '@picket/runtime'
import { type Asked, type BanRecord, Confirmations, type HostAnswers } from '../../index.ts'
import { readReceipt } from '../read-message.ts'

const READ_BACK = 10_000
const POLL_MS = 50

export interface Heard {
  readonly asked: Asked
  readonly answers: HostAnswers
  /** When they were asked. */
  readonly since: number
}

export class ReceiptWatch {
  readonly confirmations: Confirmations = new Confirmations()
  readonly #queue: Queue
  readonly #topic: string
  readonly #next = new Map<number, number>()
  #partitions = 0
  #reading: Promise<void> | undefined
  #polling: Promise<void> | undefined

  constructor(queue: Queue, topic: string) {
    this.#queue = queue
    this.#topic = topic
  }

  /** One reading at a time, whoever asks. */
  catchUp(): Promise<void> {
    this.#reading ??= this.#catchUpAll().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** What the hosts that are alive have said to a ban, once all have or the time is up. */
  async answersTo(record: BanRecord, now: () => number, withinMs: number): Promise<Heard> {
    const since = now()
    const end = performance.now() + withinMs
    for (;;) {
      await this.#pollWithin(end - performance.now())
      const asked = this.confirmations.asked(record, now())
      const answers = this.confirmations.answersTo(asked)
      if (answers.missing.length === 0 || performance.now() >= end) return { asked, answers, since }
    }
  }

  /** However many bans are waited for, the topic is looked at so often only. */
  #poll(): Promise<void> {
    this.#polling ??= this.catchUp()
      .finally(() => pause(POLL_MS))
      .finally(() => {
        this.#polling = undefined
      })
    return this.#polling
  }

  /** A broker that is away is waited for no longer than a host. */
  async #pollWithin(ms: number): Promise<void> {
    const done = new AbortController()
    const late = pause(Math.max(ms, 1), undefined, { signal: done.signal })
    await Promise.race([this.#poll(), late]).catch(() => undefined)
    done.abort()
    await late.catch(() => undefined)
  }

  async #catchUpAll(): Promise<void> {
    if (this.#partitions === 0) this.#partitions = await this.#queue.partitions(this.#topic)
    for (let partition = 0; partition < this.#partitions; partition++) await this.#catchUp(partition)
  }

  async #catchUp(partition: number): Promise<void> {
    const { start, end } = await this.#queue.extent(this.#topic, partition)
    const from = Math.max(this.#next.get(partition) ?? end - READ_BACK, start)
    if (from < end) {
      for await (const { value, time } of this.#queue.read(this.#topic, partition, from, end))
        this.#hear(value, time)
    }
    this.#next.set(partition, end)
  }

  #hear(value: Uint8Array | null, time: number): void {
    const read = readReceipt(value)
    if (!read.ok || read.value.service !== 'enforcer') return
    const { reporter, heartbeat, ban } = read.value
    if (heartbeat !== null) {
      const isRunning = heartbeat.state === 'running'
      this.confirmations.heartbeat(reporter, { lastHeard: time, everyMs: heartbeat.everyMs, isRunning })
    }
    if (ban !== null) {
      const { subject, revision, outcome, why } = ban
      this.confirmations.answer(reporter, subject, { revision, outcome, why })
    }
  }
}
