/**
 * Channel loop: takes one notice after the other from its channel's queue and sends it, as often as it takes.
 *
 * Every channel has its own loop, so one that hangs holds up no other. A notice that must wait holds up only its own thread: an end
 * never overtakes its beginning, and one mail that is put off does not stop the rest. `done` comes after the answer, so a crash
 * between the two sends once more, under the same id.
 */
import { failpoint } from '@picket/runtime'
import {
  type Channel,
  type Notice,
  type NoticeQueue,
  retryDelayMs,
  type SendFailure,
  type SendSuccess,
  type Sent,
  threadOf,
  type Waiting,
} from '../../tell/index.ts'

export interface LoopListener {
  sent(channel: Channel, notice: Notice, sent: SendSuccess): void
  /** `attempts` have failed. */
  postponed(channel: Channel, notice: Notice, failure: SendFailure, attempts: number, delayMs: number): void
  /** Never to be tried again: a dead letter. */
  dead(channel: Channel, notice: Notice, failure: SendFailure): void
  /** The queue itself fails; the loop goes on trying. */
  queueFailed(channel: Channel, error: Error): void
}

/** After so long a notice is history. */
const GIVE_UP_MS = 24 * 3_600_000
const QUEUE_PAUSE_MS = 1_000

interface Postponed {
  readonly attempts: number
  readonly dueAt: number
}

export class ChannelLoop {
  readonly #channel: Channel
  readonly #queue: NoticeQueue
  readonly #listener: LoopListener
  readonly #now: () => number
  readonly #stop = new AbortController()
  /** By thread. */
  readonly #postponed = new Map<string, Postponed>()
  /** Sent, but the queue could not be told so yet. */
  readonly #unnoted = new Set<string>()
  #wake: () => void = () => {}
  #isAwake = false
  #isStopping = false
  #running: Promise<void> | undefined

  constructor(channel: Channel, queue: NoticeQueue, listener: LoopListener, now: () => number = Date.now) {
    this.#channel = channel
    this.#queue = queue
    this.#listener = listener
    this.#now = now
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Something was put. */
  wake(): void {
    this.#isAwake = true
    this.#wake()
  }

  /** The attempt under way may end by itself for so long. */
  async stop(graceMs: number): Promise<void> {
    const late = setTimeout(() => this.#stop.abort(), graceMs)
    this.#isStopping = true
    this.wake()
    await this.#running
    clearTimeout(late)
    await this.#channel.close()
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      try {
        this.#isAwake = false
        const blocked = this.#blockedThreads()
        const waiting = await this.#queue.next(this.#channel.name, blocked)
        if (waiting !== undefined) await this.#attempt(waiting)
        else await this.#idle(this.#untilNextOf(blocked))
      } catch (error) {
        this.#listener.queueFailed(this.#channel, error as Error)
        await this.#idle(QUEUE_PAUSE_MS)
      }
    }
  }

  #blockedThreads(): Set<string> {
    const now = this.#now()
    return new Set([...this.#postponed].filter(([, { dueAt }]) => dueAt > now).map(([thread]) => thread))
  }

  /** What is due and waits no more was sent by another, or is another's to send: else it would be due for ever. */
  #untilNextOf(blocked: ReadonlySet<string>): number | undefined {
    for (const thread of this.#postponed.keys()) if (!blocked.has(thread)) this.#postponed.delete(thread)
    const dues = [...this.#postponed.values()].map(({ dueAt }) => dueAt)
    return dues.length === 0 ? undefined : Math.max(Math.min(...dues) - this.#now(), 0)
  }

  async #attempt({ notice, since }: Waiting): Promise<void> {
    const thread = threadOf(notice)
    if (this.#unnoted.has(notice.id)) return this.#finish(notice, thread)
    const attempts = (this.#postponed.get(thread)?.attempts ?? 0) + 1
    const sent = await this.#send(notice)
    if (sent.ok) {
      failpoint('responder.notice-sent')
      this.#listener.sent(this.#channel, notice, sent)
      return this.#finish(notice, thread)
    }
    if (this.#isStopping) return
    if (sent.retryable && this.#now() - since < GIVE_UP_MS)
      return this.#postpone(notice, thread, sent, attempts)
    this.#listener.dead(this.#channel, notice, sent.retryable ? givenUp(sent) : sent)
    await this.#finish(notice, thread)
  }

  /** A channel does not throw; if it does, that notice must not stop all others behind it. */
  async #send(notice: Notice): Promise<Sent> {
    try {
      return await this.#channel.send(notice, this.#stop.signal)
    } catch (error) {
      return { ok: false, reason: 'broken', retryable: false, why: (error as Error).stack ?? String(error) }
    }
  }

  async #finish(notice: Notice, thread: string): Promise<void> {
    this.#postponed.delete(thread)
    this.#unnoted.add(notice.id)
    await this.#queue.done(this.#channel.name, notice.id)
    failpoint('responder.notice-done')
    this.#unnoted.delete(notice.id)
  }

  #postpone(notice: Notice, thread: string, failure: SendFailure, attempts: number): void {
    const delayMs = retryDelayMs(attempts, failure.afterMs, Math.random())
    this.#postponed.set(thread, { attempts, dueAt: this.#now() + delayMs })
    this.#listener.postponed(this.#channel, notice, failure, attempts, delayMs)
  }

  async #idle(ms: number | undefined): Promise<void> {
    if (this.#isAwake || this.#isStopping) return
    await new Promise<void>((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = () => {}
  }
}

function givenUp(failure: SendFailure): SendFailure {
  return { ok: false, reason: 'given-up', retryable: false, why: `given up after a day: ${failure.why}` }
}
