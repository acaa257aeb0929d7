/**
 * The responder of a fleet: reads alerts and receipts, keeps them, tells what is worth telling, and answers for the fleet.
 *
 * Several share the groups: each tells for its own partitions, and any answers for all. Queue, store and sinks are the
 * caller's, who also closes them.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Health, Logger, Metrics, PartitionStore, Producer, Queue, Subscription } from '@picket/runtime'
import type { SigningKey } from '@picket/runtime/bans'
import type { AlertSink } from './adapters/alert-sink.ts'
import type { Enricher } from './adapters/enrich/enricher.ts'
import { FleetReader, type FleetRecord } from './adapters/fleet-reader.ts'
import { Heart } from './adapters/heart.ts'
import { Listening } from './adapters/listening.ts'
import { groupOf, READ_TOPICS, type ReadTopic, type ResponderSettings } from './config.ts'
import { FleetEvents, type FleetFigures } from './events.ts'
import { figuresOf } from './figures.ts'
import { BrokerClock, type Channel } from './index.ts'
import { RunningResponse } from './make-response.ts'
import { makeReading, type Reading } from './reading.ts'

export interface Outside {
  readonly queue: Queue
  readonly store: PartitionStore
  readonly log: Logger
  readonly metrics: Metrics
  readonly sinks: readonly AlertSink[]
  /** For what is decided: by what people are told, who is asked about an address, and what signs bans. */
  readonly channels?: readonly Channel[]
  readonly enricher?: Enricher | undefined
  readonly key?: SigningKey | undefined
  /** Rejects where the topics are not what they must be; waits for the brokers. */
  readonly checkTopics?: () => Promise<void>
}

/** What the fleet looks like from here. */
export interface FleetView extends FleetRecord {
  /** The broker's time, as far as we can tell. */
  readonly now: number
  /** Silence counts from here. */
  readonly listeningSince: number
  readonly instance: string
  readonly version: string
  readonly started: number
  readonly health: Health
  readonly alertsWaiting: number
}

const LOOK_MS = 500
const RETRY_MS = 1_000
/** How long the broker's time is waited for before the first alert is weighed. */
const CLOCK_MS = 3_000

/** It is there at once, and ready when Kafka and Redis are. */
export function startResponder(settings: ResponderSettings, outside: Outside): Responder {
  const responder = new Responder(settings, outside)
  responder.start()
  return responder
}

export class Responder {
  readonly #settings: ResponderSettings
  readonly #outside: Outside
  readonly #events: FleetEvents
  readonly #clock: BrokerClock = new BrokerClock()
  readonly #listening: Listening = new Listening()
  readonly #reading: Reading
  readonly #fleet: FleetReader
  readonly #response: RunningResponse | undefined
  readonly #started = Date.now()
  readonly #subscriptions: Subscription[] = []
  #producer: Producer | undefined
  #alertPartitions = 1
  #heart: Heart | undefined
  #timer: NodeJS.Timeout | undefined
  #listeningSince: number | undefined
  #isReading = false
  #isLooking = false
  #isStopping = false
  #starting: Promise<void> = Promise.resolve()
  #startFault: Error | undefined
  #fail: (fault: Error) => void = () => undefined
  /** Resolves when it cannot go on, with the reason. */
  readonly failed: Promise<Error> = new Promise((resolve) => {
    this.#fail = resolve
  })

  constructor(settings: ResponderSettings, outside: Outside) {
    this.#settings = settings
    this.#outside = outside
    this.#events = new FleetEvents(outside.log, outside.metrics)
    this.#fleet = new FleetReader(outside.queue, outside.store, settings.prefix)
    this.#response = this.#makeResponse()
    this.#reading = makeReading({
      response: this.#response?.response,
      ...outside,
      settings,
      events: this.#events,
      clock: this.#clock,
      producer: () => this.#producerThere(),
      alertPartitions: () => this.#alertPartitions,
    })
    this.#events.watch(outside.metrics, () => this.#figures())
  }

  #makeResponse(): RunningResponse | undefined {
    const { response: settings, prefix } = this.#settings
    if (settings === undefined) return undefined
    const { channels = [], enricher, key, ...outside } = this.#outside
    return new RunningResponse({
      ...{ ...outside, settings, prefix, channels, enricher, key },
      producer: () => this.#producerThere(),
      partitions: () => this.#alertPartitions,
      isSender: () => this.#reading.alerts.owns(0),
      now: () => this.#now(),
    })
  }

  /** What commands about bans ask; undefined where nothing is decided. */
  get response(): RunningResponse | undefined {
    return this.#response
  }

  start(): void {
    this.#starting = this.#start().catch((error: Error) => {
      this.#startFault = error
      this.#fail(error)
    })
  }

  async #start(): Promise<void> {
    const { queue, checkTopics } = this.#outside
    if (checkTopics !== undefined) await this.#persist(checkTopics)
    this.#producer = await this.#persist(() => queue.producer())
    const partitions = await this.#persist(() => queue.partitions(this.#topic('receipts')))
    this.#alertPartitions = (await this.#persist(() => queue.partitions(this.#topic('alerts')))) ?? 1
    if (this.#isStopping || partitions === undefined) return
    this.#heart = this.#makeHeart(partitions)
    await this.#heart.first(CLOCK_MS)
    await this.#persist(async () => this.#response?.start())
    for (const topic of READ_TOPICS) await this.#subscribe(topic)
    if (this.#isStopping) return
    this.#isReading = true
    this.#heart.start()
    this.#timer = setInterval(() => void this.#look(), LOOK_MS)
    this.#events.started(this.#settings.instance)
  }

  /** Whoever starts before the broker waits for it. Undefined when it is to end meanwhile. */
  async #persist<T>(attempt: () => Promise<T>): Promise<T | undefined> {
    while (!this.#isStopping) {
      try {
        return await attempt()
      } catch (error) {
        if ((error as { retryable?: boolean }).retryable !== true) throw error
        this.#events.startWaits(error as Error)
        await pause(RETRY_MS)
      }
    }
    return undefined
  }

  async #subscribe(topic: ReadTopic): Promise<void> {
    const options = { topic: this.#topic(topic), group: groupOf(this.#settings.prefix, topic) }
    const subscription = await this.#persist(() =>
      this.#outside.queue.subscribe(options, this.#reading[topic]),
    )
    if (subscription !== undefined) this.#subscriptions.push(subscription)
  }

  #topic(topic: string): string {
    return `${this.#settings.prefix}.${topic}`
  }

  #now(): number {
    return this.#clock.now(Date.now())
  }

  #producerThere(): Producer {
    if (this.#producer === undefined) throw new Error('nothing is read before there is a producer')
    return this.#producer
  }

  #makeHeart(partitions: number): Heart {
    const { version, heartbeatSeconds, instance, reporter } = this.#settings
    return new Heart({
      queue: this.#outside.queue,
      producer: this.#producerThere(),
      timed: (ownTime, brokerTime) => this.#clock.heard(ownTime, brokerTime),
      topic: this.#topic('receipts'),
      partitions,
      everyMs: heartbeatSeconds * 1000,
      who: { service: 'responder', instance, reporter, version },
      events: this.#events,
      state: () => ({ faults: this.healthy().reasons, numbers: this.#numbers() }),
    })
  }

  #figures(): FleetFigures {
    return figuresOf(this.#reading, this.#clock, this.#listeningSince)
  }

  #numbers(): Record<string, number> {
    const { incidents, waiting, lagRecords } = this.#figures()
    return { incidents, waiting, lagRecords: lagRecords.alerts + lagRecords.receipts }
  }

  /** Who has fallen silent? One look at a time: noting it takes as long as the store does. */
  async #look(): Promise<void> {
    const { queue, store } = this.#outside
    const { receipts } = this.#reading
    if (this.fault !== undefined) this.#fail(this.fault)
    this.#listeningSince = this.#listening.look({
      isReachable: queue.reachable() && store.reachable() && this.fault === undefined,
      behindMs: receipts.behindMs,
      now: this.#now(),
      monotonicMs: performance.now(),
    })
    if (this.#listeningSince === undefined || this.#isLooking) return
    this.#isLooking = true
    try {
      await this.#placeAnew()
      for (const fold of receipts.caughtUp) await fold.look(this.#now(), this.#listeningSince)
    } catch (error) {
      this.#events.storeFailed(error as Error)
    } finally {
      this.#isLooking = false
    }
  }

  async #placeAnew(): Promise<void> {
    for (const [at, topic] of READ_TOPICS.entries()) {
      const displaced = await this.#reading[topic].displaced()
      for (const partition of displaced) this.#subscriptions[at]?.reassign(partition)
    }
  }

  /** Why reading has stopped for good, or could not begin. */
  get fault(): Error | undefined {
    return this.#startFault ?? this.#subscriptions.find(({ fault }) => fault !== undefined)?.fault
  }

  healthy(): Health {
    const { fault } = this
    return { ok: fault === undefined, reasons: fault === undefined ? [] : [`reading: ${fault.message}`] }
  }

  ready(): Health {
    const { queue, store } = this.#outside
    const reasons = [...this.healthy().reasons]
    if (!this.#isReading) reasons.push('starting')
    if (!queue.reachable()) reasons.push('Kafka cannot be reached')
    if (!store.reachable()) reasons.push('Redis cannot be reached')
    return { ok: reasons.length === 0, reasons }
  }

  async view(): Promise<FleetView> {
    const now = this.#now()
    const { incidents, version, instance } = this.#settings
    const record = await this.#fleet.read(now - incidents.keptSeconds * 1000)
    return {
      ...record,
      now,
      // While we cannot hear, nobody can be called silent.
      listeningSince: this.#listeningSince ?? now,
      instance,
      version,
      started: this.#started,
      health: this.ready(),
      alertsWaiting: this.#figures().waiting,
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#timer)
    await this.#starting
    clearInterval(this.#timer)
    await Promise.all(this.#subscriptions.map((subscription) => subscription.stop()))
    await Promise.all([this.#reading.alerts.leave(), this.#reading.receipts.leave()])
    await this.#response?.stop()
    await this.#heart?.stop()
    await this.#producer?.close()
  }
}
