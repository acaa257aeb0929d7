/**
 * A responder's reading over a partition store in memory, and messages as they lie in a topic.
 *
 * What is told and set aside is kept. Two beds over one store are two responders.
 */
import { setImmediate as turn } from 'node:timers/promises'
import {
  MemoryStore,
  type Message,
  Metrics,
  makeLogger,
  type PartitionStore,
  type Producer,
} from '@picket/runtime'
import type { Alert } from '@picket/schemas'
import { type AlertMessage, type DeadLetter, MESSAGES, type Receipt } from '@picket/schemas/messages'
import { FleetEvents } from '../src/events.ts'
import { BrokerClock } from '../src/index.ts'
import type { AlertSink, ResponderSettings } from '../src/main.ts'
import { makeReading, type Reading } from '../src/reading.ts'
import { alertOf } from './alerts.ts'

export const SETTINGS: ResponderSettings = {
  prefix: 'picket',
  incidents: { keptSeconds: 30 * 86_400, most: 10_000 },
  heartbeatSeconds: 1,
  instance: 'own',
  reporter: 'centre',
  version: '1.0.0',
}

/** Takes every alert at once, or holds each until it is let go. */
export class ListeningSink implements AlertSink {
  readonly name = 'stdout'
  readonly told: Alert[] = []
  isHolding = false

  async tell(alert: Alert): Promise<void> {
    if (this.isHolding) await new Promise(() => undefined)
    this.told.push(alert)
  }

  async close(): Promise<void> {}
}

export class Bed {
  readonly store: PartitionStore
  readonly sink: ListeningSink = new ListeningSink()
  readonly metrics: Metrics = new Metrics()
  readonly letters: DeadLetter[] = []
  readonly reading: Reading
  log = ''

  constructor(store: PartitionStore = new MemoryStore(), most: number = 10_000) {
    this.store = store
    const log = makeLogger({ level: 'debug', format: 'json' }, { write: (text) => (this.log += text) })
    this.reading = makeReading({
      settings: { ...SETTINGS, incidents: { ...SETTINGS.incidents, most } },
      store,
      log,
      metrics: this.metrics,
      sinks: [this.sink],
      events: new FleetEvents(log, this.metrics),
      clock: new BrokerClock(),
      producer: () => this.#producer,
      alertPartitions: () => 2,
    })
  }

  readonly #producer: Producer = {
    send: async (_topic, _partition, messages) => {
      for (const { value } of messages) {
        const letter = MESSAGES.deadLetter.decode(value ?? new Uint8Array(0))
        if (letter.ok) this.letters.push(letter.value)
      }
      return 0
    },
    sendAll: async () => undefined,
    close: async () => undefined,
  }

  get toldIds(): string[] {
    return this.sink.told.map(({ id }) => id)
  }

  async until(isTrue: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + 60_000
    while (!isTrue()) {
      if (performance.now() > deadline) throw new Error(`waited for ${what}`)
      await turn()
    }
  }
}

export function idOf(number: number): string {
  return number.toString(16).padStart(16, '0')
}

export function alertMessage(number: number, part: Partial<AlertMessage> = {}): AlertMessage {
  const { rose, incident, ...alert } = alertOf({})
  const now = Date.now()
  return {
    ...alert,
    id: idOf(number),
    rose: [...rose],
    time: now,
    logged: now,
    incident: { ...incident, id: idOf(number), firstSeen: now, lastSeen: now },
    evidence: [],
    ...part,
  }
}

/** Messages of one partition, from this offset on; a text stands for itself. */
export function messagesOf(
  offset: number,
  values: readonly (AlertMessage | Receipt | string | null)[],
): Message[] {
  return values.map((value, at) => ({
    offset: offset + at,
    time: Date.now(),
    key: null,
    value: bytesOf(value),
  }))
}

function bytesOf(value: AlertMessage | Receipt | string | null): Uint8Array | null {
  if (value === null || typeof value === 'string')
    return value === null ? null : new TextEncoder().encode(value)
  return 'incident' in value ? MESSAGES.alert.encode(value) : MESSAGES.receipt.encode(value)
}

export function receipt(time: number, part: Partial<Receipt> = {}, state = 'running'): Receipt {
  return {
    service: 'collector',
    instance: 'agent',
    reporter: 'web1',
    time,
    version: '1.0.0',
    heartbeat: { started: time, everyMs: 1_000, state, faults: [], numbers: { lines: 3 } },
    ban: null,
    ...part,
  }
}
