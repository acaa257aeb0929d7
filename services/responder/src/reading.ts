/**
 * Reading: the two topics that a responder reads, each with its fold.
 */
import type { Extent, Logger, Metrics, PartitionStore, Producer } from '@picket/runtime'
import { AlertFold } from './adapters/alert-fold.ts'
import type { AlertSink } from './adapters/alert-sink.ts'
import { DeadLetters } from './adapters/dead-letters.ts'
import { FoldReader } from './adapters/fold-reader.ts'
import { ReceiptFold } from './adapters/receipt-fold.ts'
import { Teller } from './adapters/teller.ts'
import type { ResponderSettings } from './config.ts'
import { type FleetEvents, ResponderEvents } from './events.ts'
import type { BrokerClock } from './index.ts'
import type { Response } from './response.ts'

export interface Reading {
  readonly alerts: FoldReader<AlertFold>
  readonly receipts: FoldReader<ReceiptFold>
}

export interface ReadingOptions {
  readonly settings: ResponderSettings
  readonly store: PartitionStore
  readonly log: Logger
  readonly metrics: Metrics
  readonly sinks: readonly AlertSink[]
  readonly events: FleetEvents
  readonly clock: BrokerClock
  /** Undefined: nothing is decided, alerts are only told to the sinks. */
  readonly response?: Response | undefined
  /** Both are there before anything is read. */
  readonly producer: () => Producer
  readonly alertPartitions: () => number
}

/** A first start wants to know who lives, not what was said all week. */
const FIRST_RECEIPTS = 10_000
const DAY_SECONDS = 86_400
/** A day longer than the book knows a process. */
const RECEIPT_SECONDS = 8 * DAY_SECONDS

export function makeReading(options: ReadingOptions): Reading {
  const { settings, store, events, clock, producer } = options
  const shared = { store, events, deadLetters: new DeadLetters(producer, settings.prefix, events) }
  return {
    alerts: new FoldReader({
      ...shared,
      topic: 'alerts',
      ttlSeconds: settings.incidents.keptSeconds + DAY_SECONDS,
      first: ({ start }: Extent) => start,
      makeFold: alertFolds(options),
    }),
    receipts: new FoldReader({
      ...shared,
      topic: 'receipts',
      ttlSeconds: RECEIPT_SECONDS,
      first: ({ start, end }: Extent) => Math.max(start, end - FIRST_RECEIPTS),
      makeFold: (seat) => new ReceiptFold({ events, clock }, seat),
    }),
  }
}

function alertFolds(
  options: ReadingOptions,
): ConstructorParameters<typeof FoldReader<AlertFold>>[0]['makeFold'] {
  const { settings, log, metrics, sinks, events, clock, alertPartitions, response } = options
  const telling = { sinks, events, response, sinkEvents: new ResponderEvents(log, metrics) }
  const { keptSeconds, most } = settings.incidents
  const now = (): number => clock.now(Date.now())
  return (seat) => {
    // Sources are spread evenly, so that each partition has its share of what may be kept.
    const limits = { keptMs: keptSeconds * 1000, most: Math.ceil(most / alertPartitions()) }
    return new AlertFold({ limits, events, now, seat, deciding: response }, new Teller(telling, seat))
  }
}
