/**
 * The responder of one host: the fleet's response, carried by this process alone.
 *
 * What a fleet has of Kafka and Redis is here a queue in memory, for bans and receipts, and a store that the caller keeps on disk. Alerts
 * come by a lane of their own, since they lie safe with whoever raises them until the store has them.
 */
import type { Logger, Metrics, PartitionStore, Producer, Queue } from '@picket/runtime'
import type { SigningKey } from '@picket/runtime/bans'
import type { Alert } from '@picket/schemas'
import { MESSAGES } from '@picket/schemas/messages'
import { AlertFold } from './adapters/alert-fold.ts'
import { AlertLane } from './adapters/alert-lane.ts'
import { makeVoice } from './adapters/bans/host-voice.ts'
import { DeadLetters } from './adapters/dead-letters.ts'
import type { Enricher } from './adapters/enrich/enricher.ts'
import { type FleetIncident, FleetReader } from './adapters/fleet-reader.ts'
import { FoldReader } from './adapters/fold-reader.ts'
import { type CurrentIncident, withViews } from './adapters/host-views.ts'
import type { Seat } from './adapters/seat.ts'
import { Teller } from './adapters/teller.ts'
import type { ResponderSettings, ResponseSettings } from './config.ts'
import { FleetEvents, type ResponderEvents } from './events.ts'
import type { Channel } from './index.ts'
import { answerMs, RunningResponse } from './make-response.ts'
import type { HostVoice } from './response.ts'

export interface HostResponderSettings extends Pick<ResponderSettings, 'prefix' | 'incidents'> {
  readonly response: ResponseSettings
}

export interface HostOutside {
  /** With the topics of packets, alerts, bans, receipts and dead letters, of one partition each; only the last three carry anything. */
  readonly queue: Queue
  readonly store: PartitionStore
  readonly log: Logger
  readonly metrics: Metrics
  /** Of the sinks, which the caller tells by himself. */
  readonly sinkEvents: ResponderEvents
  readonly channels: readonly Channel[]
  readonly enricher: Enricher | undefined
  readonly key: SigningKey
  readonly host: Host
  /** As the detector knows it now. */
  readonly current: CurrentIncident
}

/** The only host, as it can be asked without a receipt. */
export interface Host extends Pick<HostVoice, 'name' | 'protects'> {
  /** Its enforcer runs, and will answer. */
  readonly isEnforcing: () => boolean
}

/** What `picket explain` asks. */
export interface HostView {
  readonly now: number
  readonly incidents: readonly FleetIncident[]
}

const DAY_SECONDS = 86_400

export class HostResponder {
  readonly response: RunningResponse
  readonly #settings: HostResponderSettings
  readonly #events: FleetEvents
  readonly #alerts: FoldReader<AlertFold>
  readonly #lane: AlertLane
  readonly #fleet: FleetReader
  readonly #outside: HostOutside
  #producer: Producer | undefined

  constructor(settings: HostResponderSettings, outside: HostOutside) {
    const { log, metrics, queue } = outside
    const store = withViews(outside.store, outside.current)
    this.#settings = settings
    this.#outside = outside
    this.#events = new FleetEvents(log, metrics)
    this.#fleet = new FleetReader(queue, store, settings.prefix)
    this.response = new RunningResponse({
      ...{ ...outside, store },
      voice: makeVoice(outside.host, queue, settings.prefix, answerMs(settings.response)),
      settings: settings.response,
      prefix: settings.prefix,
      producer: () => this.#producerThere(),
      partitions: () => 1,
      isSender: () => this.#alerts.owns(0),
      now: Date.now,
    })
    this.#alerts = this.#makeReader()
    const failed = (error: Error): void => this.#events.storeFailed(error)
    this.#lane = new AlertLane({ reader: this.#alerts, failed })
    metrics.gauge('picket_responder_incidents', 'Incidents that are kept.', () =>
      sum(this.#alerts, 'incidents'),
    )
    metrics.gauge('picket_responder_outbox_alerts', 'Alerts committed and not yet told.', () =>
      sum(this.#alerts, 'waiting'),
    )
  }

  #makeReader(): FoldReader<AlertFold> {
    const { store } = this.#outside
    const { incidents, prefix } = this.#settings
    const events = this.#events
    return new FoldReader({
      ...{ store, events, topic: 'alerts' },
      deadLetters: new DeadLetters(() => this.#producerThere(), prefix, events),
      ttlSeconds: incidents.keptSeconds + DAY_SECONDS,
      first: ({ start }) => start,
      makeFold: (seat) => this.#makeFold(seat),
    })
  }

  #makeFold(seat: Seat): AlertFold {
    const { sinkEvents } = this.#outside
    const { keptSeconds, most } = this.#settings.incidents
    const { response } = this.response
    const events = this.#events
    const limits = { keptMs: keptSeconds * 1000, most }
    const teller = new Teller({ sinks: [], events, sinkEvents, response }, seat)
    return new AlertFold({ limits, events, seat, now: Date.now, deciding: response }, teller)
  }

  #producerThere(): Producer {
    if (this.#producer === undefined) throw new Error('nothing is read before there is a producer')
    return this.#producer
  }

  /** Resolves when all that was in force lies on the topic of bans. */
  async start(): Promise<void> {
    this.#producer = await this.#outside.queue.producer()
    await this.response.start()
    await this.#lane.start()
    await this.response.response.bans.look()
  }

  /** Resolves when the store has what was decided about it: from then on it is ours. */
  take(alert: Alert): Promise<void> {
    return this.#lane.put(alert)
  }

  async view(): Promise<HostView> {
    const now = Date.now()
    const { incidents } = await this.#fleet.read(now - this.#settings.incidents.keptSeconds * 1000)
    return { now, incidents }
  }

  /** The last one of each incident that was seen since, as it was kept. */
  async alerts(since: number): Promise<readonly Uint8Array[]> {
    const kept = await this.#fleet.alerts()
    return kept.filter(({ time }) => time >= since).map((alert) => MESSAGES.alert.encode(alert))
  }

  async stop(): Promise<void> {
    await this.#lane.stop()
    await this.response.stop()
    await this.#producer?.close()
  }
}

function sum({ folds }: FoldReader<AlertFold>, what: 'incidents' | 'waiting'): number {
  return folds.reduce((all, fold) => all + fold[what], 0)
}
