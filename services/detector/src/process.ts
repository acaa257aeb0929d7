/**
 * The detector as a process of the fleet: both stages, their partitions, and what it says of itself.
 *
 * Any number of them share the work: the group gives each its partitions, and what one knew of a partition is in the
 * store for the next. Nothing here decides anything; that is `detect/`.
 */
import type {
  Health,
  Logger,
  Mark,
  Metrics,
  PartitionStore,
  Producer,
  Queue,
  Subscription,
} from '@picket/runtime'
import { MESSAGES } from '@picket/schemas/messages'
import { ContactStage } from './adapters/contact-stage.ts'
import { processNumbers, type Readers } from './adapters/numbers.ts'
import { Outlet } from './adapters/outlet.ts'
import { PacketStage } from './adapters/packet-stage.ts'
import { PartitionWorker } from './adapters/partition-worker.ts'
import type { Stage } from './adapters/stage.ts'
import { StageReader } from './adapters/stage-reader.ts'
import { topicsOf } from './adapters/topics.ts'
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
}

export interface DetectorProcess {
  healthy(): Health
  ready(): Health
  /** Resolves when a subscription has stopped for good, with the reason. */
  readonly failed: Promise<Error>
  stop(): Promise<void>
}

const TICK_MS = 1_000

export async function startDetector(
  settings: DetectorSettings,
  parts: DetectorParts,
): Promise<DetectorProcess> {
  const detector = new RunningDetector(settings, parts)
  await detector.start()
  return detector
}

class RunningDetector implements DetectorProcess {
  readonly failed: Promise<Error>
  readonly #settings: DetectorSettings
  readonly #parts: DetectorParts
  readonly #events: DetectorProcessEvents
  readonly #started = Date.now()
  #fail: (error: Error) => void = () => undefined
  #producer: Producer | undefined
  #readers: Readers = { packets: undefined, contacts: undefined }
  #subscriptions: Subscription[] = []
  #ticker: NodeJS.Timeout | undefined
  #beat: NodeJS.Timeout | undefined

  constructor(settings: DetectorSettings, parts: DetectorParts) {
    this.#settings = settings
    this.#parts = parts
    this.#events = new DetectorProcessEvents(parts.log, parts.metrics)
    this.failed = new Promise((resolve) => {
      this.#fail = resolve
    })
  }

  async start(): Promise<void> {
    const { queue, metrics } = this.#parts
    const { prefix, concurrency } = this.#settings
    const { packets, contacts } = await this.#openStages()
    this.#readers = { packets, contacts }
    this.#events.watch(metrics, () => processNumbers(this.#readers, Date.now()))
    const topics = topicsOf(prefix)
    this.#subscriptions = [
      await queue.subscribe({ topic: topics.packets, group: `${prefix}-detector`, concurrency }, packets),
      await queue.subscribe(
        { topic: topics.contacts, group: `${prefix}-detector-contacts`, concurrency },
        contacts,
      ),
    ]
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
    this.#beat = setInterval(() => void this.#sayAlive('running'), this.#settings.heartbeatMs)
    void this.#sayAlive('running')
  }

  async #openStages(): Promise<Record<'packets' | 'contacts', StageReader>> {
    const { queue } = this.#parts
    const topics = topicsOf(this.#settings.prefix)
    const contactPartitions = await queue.partitions(topics.contacts)
    const upstreams = await queue.partitions(topics.packets)
    const alertPartitions = await queue.partitions(topics.alerts)
    this.#producer = await queue.producer()
    const outlet = (input: string) =>
      new Outlet(this.#producer as Producer, { ...topics, input, alertPartitions })
    const policy = this.#settings.togetherPolicy
    return {
      packets: this.#reader('packets', outlet(topics.packets), (partition, marks) => {
        return new PacketStage({
          ...this.#settings,
          method: this.#settings.makeMethod(),
          partition,
          contactPartitions,
          marks,
        })
      }),
      contacts: this.#reader(
        'contacts',
        outlet(topics.contacts),
        () => new ContactStage({ policy, upstreams }),
      ),
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
    this.#readers.packets?.tick(now)
    this.#readers.contacts?.tick(now)
    for (const { fault } of this.#subscriptions) {
      if (fault === undefined) continue
      this.#events.subscriptionEnded(fault)
      this.#fail(fault)
    }
  }

  /** A lost heartbeat is not worth waiting for: the next one is due soon. */
  #sayAlive(state: 'running' | 'stopping'): Promise<void> {
    const { prefix, instance, reporter, version, heartbeatMs } = this.#settings
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
    const sent = this.#producer?.send(topicsOf(prefix).receipts, 0, [
      { key: new TextEncoder().encode(reporter), value },
    ])
    return Promise.resolve(sent).then(
      () => undefined,
      () => undefined,
    )
  }

  healthy(): Health {
    const reasons = this.#subscriptions.flatMap(({ fault }) => (fault === undefined ? [] : [fault.message]))
    return { ok: reasons.length === 0, reasons }
  }

  ready(): Health {
    const reasons = [...this.healthy().reasons]
    if (!this.#parts.store.reachable()) reasons.push('Redis cannot be reached or written to')
    if (!this.#parts.queue.reachable()) reasons.push('Kafka cannot be reached')
    if (this.#subscriptions.length === 0) reasons.push('starting')
    return { ok: reasons.length === 0, reasons }
  }

  async stop(): Promise<void> {
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
