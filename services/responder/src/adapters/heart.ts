/**
 * Heart: our own heartbeats, as every process of the fleet sends them.
 *
 * The last one of an orderly end says so; without it the others call us blind after three beats. Each is read back for the time that the
 * broker gave it, since nothing may be decided by a clock of ours that is hours off.
 */
import { type Producer, pause, type Queue } from '@picket/runtime'
import { hashText } from '@picket/schemas'
import { type Heartbeat, MESSAGES, type Receipt } from '@picket/schemas/messages'
import type { FleetEvents } from '../events.ts'

export interface HeartOptions {
  readonly queue: Queue
  readonly producer: Producer
  readonly topic: string
  readonly partitions: number
  readonly everyMs: number
  readonly who: Pick<Receipt, 'service' | 'instance' | 'reporter' | 'version'>
  readonly events: FleetEvents
  readonly state: () => Pick<Heartbeat, 'faults' | 'numbers'>
  /** Our clock when it was sent, the broker's when it was appended. */
  readonly timed: (ownTime: number, brokerTime: number) => void
}

const SEED = 0x62656174
/** How long the last heartbeat may hold up the end. */
const LAST_BEAT_MS = 2_000

export class Heart {
  readonly #options: HeartOptions
  readonly #started = Date.now()
  readonly #key: Uint8Array
  readonly #partition: number
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined

  constructor(options: HeartOptions) {
    this.#options = options
    const { reporter } = options.who
    this.#key = new TextEncoder().encode(reporter)
    this.#partition = (hashText(reporter, SEED) >>> 0) % options.partitions
  }

  /** Resolves when the broker's time is known, or after so long. */
  async first(withinMs: number): Promise<void> {
    this.#beat()
    await Promise.race([this.#sending, pause(withinMs)])
  }

  start(): void {
    this.#beat()
    this.#timer = setInterval(() => this.#beat(), this.#options.everyMs)
  }

  /** One at a time: when the broker is away, heartbeats must not pile up. */
  #beat(): void {
    this.#sending ??= this.#send('running').finally(() => {
      this.#sending = undefined
    })
  }

  async #send(state: 'running' | 'stopping'): Promise<void> {
    const { queue, producer, topic, who, everyMs, events, timed } = this.#options
    const heartbeat = { started: this.#started, everyMs, state, ...this.#options.state() }
    const own = Date.now()
    const value = MESSAGES.receipt.encode({ ...who, time: own, heartbeat, ban: null })
    try {
      const offset = await producer.send(topic, this.#partition, [{ key: this.#key, value }])
      events.heartbeatSent()
      if (state === 'stopping') return
      for await (const { time } of queue.read(topic, this.#partition, offset, offset + 1)) timed(own, time)
    } catch (error) {
      events.heartbeatFailed(error as Error)
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    let late: NodeJS.Timeout | undefined
    const deadline = new Promise<void>((resolve) => {
      late = setTimeout(resolve, LAST_BEAT_MS)
    })
    const last = (this.#sending ?? Promise.resolve()).then(() => this.#send('stopping'))
    await Promise.race([last, deadline])
    clearTimeout(late)
  }
}
