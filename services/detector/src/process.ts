/**
 * The detector as a process of the fleet: both stages, their partitions, and what it says of itself.
 *
 * Any number of them share the work: the group gives each its partitions, and what one knew of a partition is in the
 * store for the next. Nothing here decides anything; that is `detect/`.
 */
import {
  type GroupName,
  groupNamed,
  type Health,
  type Logger,
  type Mark,
  type Metrics,
  type PartitionStore,
  type Producer,
  type Queue,
  type Subscription,
  type TopicName,
  topicNamed,
  withBackoff,
} from '@picket/runtime'
import { hashText, LOW_SEED } from '@picket/schemas'
import { MESSAGES } from '@picket/schemas/messages'
import { ClockWatch } from './adapters/clock-watch.ts'
import { ContactStage } from './adapters/contact-stage.ts'
import { clocksOf, processNumbers, type Readers } from './adapters/numbers.ts'
import { Outlet } from './adapters/outlet.ts'
import { PacketStage } from './adapters/packet-stage.ts'
import { PartitionWorker } from './adapters/partition-worker.ts'
import type { Stage } from './adapters/stage.ts'
import { StageReader } from './adapters/stage-reader.ts'
import type { Method } from './detect/method.ts'
import type { PicketPolicy } from './detect/picket/policy.ts'
import type { Rules } from './detect/rules/rules.ts'
import { DetectorProcessEvents } from './process-events.ts'

export interface DetectorSettings {
  /** Of the topics; the groups are named by it as well. */
  readonly prefix: string
  /** Names this process in heartbeats. */
  readonly instance: string
  readonly reporter: string
  readonly version: string
  /** Made anew for each partition, since a method lends its scans memory. */
  readonly makeMethod: () => Method
  readonly rules: Rules
  /** For what many sources do together. */
  readonly togetherPolicy: PicketPolicy
  /** Sources held in memory by one partition. */
  readonly sourcesPerPartition: number
  readonly changesPerCommit: number
  readonly concurrency: number
  readonly heartbeatMs: number
  readonly seed: number
}

export interface DetectorParts {
  readonly queue: Queue
  readonly store: PartitionStore
  readonly log: Logger
  readonly metrics: Metrics
  /** Rejects where a topic is missing or of another width. */
  readonly checkTopics?: () => Promise<void>
}

export interface DetectorProcess {
  healthy(): Health
  ready(): Health
  /** Resolves when a subscription has stopped for good, with the reason. */
  readonly failed: Promise<Error>
  stop(): Promise<void>
}

const TICK_MS = 1_000

/** Returns at once: it waits for Kafka and Redis meanwhile, alive and not ready. */
export function startDetector(settings: DetectorSettings, parts: DetectorParts): DetectorProcess {
  const detector = new RunningDetector(settings, parts)
  detector.start()
  return detector
}

class RunningDetector implements DetectorProcess {
  readonly failed: Promise<Error>
  readonly #settings: DetectorSettings
  readonly #parts: DetectorParts
  readonly #events: DetectorProcessEvents
  readonly #started = Date.now()
  readonly #ending = new AbortController()
  readonly #clocks = new ClockWatch()
  readonly #subscriptions: Subscription[] = []
  #starting: Promise<void> = Promise.resolve()
  #fault: Error | undefined
  #fail: (error: Error) => void = () => undefined
  #producer: Producer | undefined
  #readers: Readers = { packets: undefined, contacts: undefined }
  #ticker: NodeJS.Timeout | undefined
  #beat: NodeJS.Timeout | undefined
  #receiptPartitions = 1

  constructor(settings: DetectorSettings, parts: DetectorParts) {
    this.#settings = settings
    this.#parts = parts
    this.#events = new DetectorProcessEvents(parts.log, parts.metrics)
    this.#events.watch(parts.metrics, () => processNumbers(this.#readers, Date.now()))
    this.failed = new Promise((resolve) => {
      this.#fail = resolve
    })
  }

  start(): void {
    this.#starting = this.#start().catch((error: Error) => {
      if (this.#ending.signal.aborted) return
      this.#fault = error
      this.#fail(error)
    })
  }

  async #start(): Promise<void> {
    const { checkTopics } = this.#parts
    if (checkTopics !== undefined) await this.#patiently(checkTopics)
    const { packets, contacts } = await this.#openStages()
    this.#readers = { packets, contacts }
    await this.#subscribe('packets', 'detector', packets)
    await this.#subscribe('contacts', 'detector-contacts', contacts)
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
    this.#beat = setInterval(() => void this.#sayAlive('running'), this.#settings.heartbeatMs)
    await this.#sayAlive('running')
  }

  #patiently<T>(attempt: () => Promise<T>): Promise<T> {
    const onWait = (error: Error, count: number) => this.#events.waiting('the start', error, count)
    return withBackoff(attempt, { signal: this.#ending.signal, onWait })
  }

  async #subscribe(topic: TopicName, group: GroupName, reader: StageReader): Promise<void> {
    const { concurrency } = this.#settings
    const options = { topic: this.#topic(topic), group: groupNamed(this.#settings, group), concurrency }
    const subscription = await this.#patiently(() => this.#parts.queue.subscribe(options, reader))
    this.#subscriptions.push(subscription)
  }

  #topic(name: TopicName): string {
    return topicNamed(this.#settings, name)
  }

  async #openStages(): Promise<Record<'packets' | 'contacts', StageReader>> {
    const { queue } = this.#parts
    const widthOf = (name: TopicName) => this.#patiently(() => queue.partitions(this.#topic(name)))
    const contactPartitions = await widthOf('contacts')
    const upstreams = await widthOf('packets')
    const alertPartitions = await widthOf('alerts')
    this.#receiptPartitions = await widthOf('receipts')
    const contacts = this.#topic('contacts')
    const producer = await this.#patiently(() => queue.producer({ uncompressed: [contacts] }))
    this.#producer = producer
    const topics = {
      contacts,
      alerts: this.#topic('alerts'),
      deadLetters: this.#topic('dead-letters'),
      alertPartitions,
    }
    const outletOf = (input: TopicName) => new Outlet(producer, { ...topics, input: this.#topic(input) })
    const policy = this.#settings.togetherPolicy
    return {
      packets: this.#reader('packets', outletOf('packets'), (partition, marks) => {
        const method = this.#settings.makeMethod()
        return new PacketStage({ ...this.#settings, method, partition, contactPartitions, marks })
      }),
      contacts: this.#reader('contacts', outletOf('contacts'), () => new ContactStage({ policy, upstreams })),
    }
  }

  #reader(
    stage: string,
    outlet: Outlet,
    makeStage: (partition: number, marks: readonly Mark[]) => Stage,
  ): StageReader {
    const { store } = this.#parts
    return new StageReader(
      (partition) =>
        new PartitionWorker({
          name: `${stage}:${partition}`,
          partition,
          store,
          outlet,
          events: this.#events,
          makeStage: (marks) => makeStage(partition, marks),
          changesPerCommit: this.#settings.changesPerCommit,
        }),
    )
  }

  #tick(): void {
    const now = Date.now()
    const [packets, contacts] = this.#subscriptions
    this.#readers.packets?.tick(now, (partition) => packets?.reassign(partition))
    this.#readers.contacts?.tick(now, (partition) => contacts?.reassign(partition))
    for (const clock of this.#clocks.look(clocksOf(this.#readers))) this.#events.clockOff(clock)
    for (const { fault } of this.#subscriptions) {
      if (fault === undefined) continue
      this.#events.subscriptionEnded(fault)
      this.#fail(fault)
    }
  }

  /** A lost heartbeat is not worth waiting for: the next one is due soon. */
  #sayAlive(state: 'running' | 'stopping'): Promise<void> {
    const { instance, reporter, version, heartbeatMs } = this.#settings
    const partition = (hashText(reporter, LOW_SEED) >>> 0) % this.#receiptPartitions
    const { lagRecords, lagSeconds, sources } = processNumbers(this.#readers, Date.now())
    const value = MESSAGES.receipt.encode({
      service: 'detector',
      instance,
      reporter,
      time: Date.now(),
      version,
      heartbeat: {
        started: this.#started,
        everyMs: heartbeatMs,
        state,
        faults: this.healthy().reasons,
        numbers: {
          lagRecords: sum(lagRecords),
          lagSeconds: Math.max(0, ...Object.values(lagSeconds)),
          sources,
        },
      },
      ban: null,
    })
    const sent = this.#producer?.send(this.#topic('receipts'), partition, [
      { key: new TextEncoder().encode(reporter), value },
    ])
    return Promise.resolve(sent).then(
      () => undefined,
      () => undefined,
    )
  }

  healthy(): Health {
    const faults = [this.#fault, ...this.#subscriptions.map(({ fault }) => fault)]
    const reasons = faults.flatMap((fault) => (fault === undefined ? [] : [fault.message]))
    return { ok: reasons.length === 0, reasons }
  }

  ready(): Health {
    const reasons = [...this.healthy().reasons]
    if (!this.#parts.store.reachable()) reasons.push('Redis cannot be reached or written to')
    if (!this.#parts.queue.reachable()) reasons.push('Kafka cannot be reached')
    if (this.#subscriptions.length < 2) reasons.push('starting')
    return { ok: reasons.length === 0, reasons }
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#starting
    clearInterval(this.#ticker)
    clearInterval(this.#beat)
    for (const subscription of this.#subscriptions) await subscription.stop()
    await this.#sayAlive('stopping')
    await this.#producer?.close()
  }
}

function sum(numbers: Readonly<Record<string, number>>): number {
  return Object.values(numbers).reduce((all, one) => all + one, 0)
}
