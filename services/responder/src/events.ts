/**
 * Events of the responder: the only place where it logs or counts.
 */
import type { Logger, Metrics } from '@picket/runtime'
import { SINK_NAMES, type SinkName } from './adapters/alert-sink.ts'
import { DEAD_REASONS, type DeadReason } from './adapters/read-message.ts'
import type { ReadTopic } from './config.ts'
import { type Judgement, type Process, QUIET_REASONS, TELL_REASONS } from './index.ts'

type BySink = Record<string, number>

export class ResponderEvents {
  readonly told: BySink = {}
  readonly failed: BySink = {}
  #dropped = 0
  #waiting = 0
  readonly #log: Logger
  readonly #observeLatency: (seconds: number) => void

  constructor(log: Logger, metrics: Metrics) {
    this.#log = log
    for (const name of SINK_NAMES) this.told[name] = this.failed[name] = 0
    metrics.counterBy('picket_responder_alerts_told_total', 'Alerts told.', 'sink', () => this.told)
    metrics.counterBy(
      'picket_responder_alerts_failed_total',
      'Alerts that a sink did not take.',
      'sink',
      () => this.failed,
    )
    metrics.counter(
      'picket_responder_alerts_dropped_total',
      'Alerts given up as too many waited to be told.',
      () => this.#dropped,
    )
    metrics.gauge(
      'picket_responder_alerts_waiting',
      'Alerts not yet taken by every sink.',
      () => this.#waiting,
    )
    this.#observeLatency = metrics.histogram(
      'picket_responder_alert_latency_seconds',
      'From the arrival of the line that caused an alert to the alert being told.',
      [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    )
  }

  alertTold(sink: SinkName): void {
    this.told[sink] = (this.told[sink] ?? 0) + 1
  }

  alertFinished(latencySeconds: number): void {
    this.#observeLatency(latencySeconds)
  }

  alertFailed(sink: SinkName, error: Error): void {
    this.failed[sink] = (this.failed[sink] ?? 0) + 1
    this.#log.error({ sink, err: error }, 'an alert could not be told')
  }

  /** Says so at once and then with every thousandth, since it would else flood the log as well. */
  alertDropped(): void {
    if (this.#dropped++ % 1_000 === 0) {
      this.#log.error({ dropped: this.#dropped }, 'alerts are given up: whoever reads them is too slow')
    }
  }

  waiting(alerts: number): void {
    this.#waiting = alerts
  }
}

/** What is read off the running responder whenever somebody scrapes. */
export interface FleetFigures {
  readonly incidents: number
  readonly processes: number
  readonly blindHosts: number
  readonly waiting: number
  readonly clockAheadSeconds: number
  readonly lagRecords: Readonly<Record<ReadTopic, number>>
  readonly lagSeconds: Readonly<Record<ReadTopic, number>>
  readonly partitions: Readonly<Record<ReadTopic, number>>
}

const LATENCY_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600] as const

/** Events of the responder of a fleet. */
export class FleetEvents {
  readonly #log: Logger
  readonly #weighed: Record<string, number> = zeroes([...TELL_REASONS, ...QUIET_REASONS])
  readonly #dead: Record<string, number> = zeroes(DEAD_REASONS)
  readonly #refused: Record<string, number> = zeroes(['fenced', 'moved'])
  #receipts = 0
  #silences = 0
  #heartbeatFailures = 0
  #areHeartbeatsFailing = false
  #isStoreFailing = false
  readonly #observeFromLine: (seconds: number) => void
  readonly #observeFromBroker: (seconds: number) => void
  readonly #observeCommit: (seconds: number) => void

  constructor(log: Logger, metrics: Metrics) {
    this.#log = log
    const by = (name: string, help: string, label: string, counts: BySink): void =>
      metrics.counterBy(`picket_responder_${name}_total`, help, label, () => counts)
    by('alerts_weighed', 'Alerts read, by what came of them.', 'reason', this.#weighed)
    by('dead_letters', 'Messages set aside because they could not be used.', 'reason', this.#dead)
    by('commits_refused', 'Commits that the store refused.', 'reason', this.#refused)
    const count = (name: string, help: string, read: () => number): void =>
      metrics.counter(`picket_responder_${name}_total`, help, read)
    count('receipts', 'Receipts read.', () => this.#receipts)
    count('silences', 'Processes that fell silent without a word.', () => this.#silences)
    count('heartbeats_failed', 'Own heartbeats that the broker did not take.', () => this.#heartbeatFailures)
    this.#observeFromLine = metrics.histogram(
      'picket_responder_log_to_alert_seconds',
      'From the time of the log line that caused an alert to the alert being told.',
      LATENCY_SECONDS,
    )
    this.#observeFromBroker = metrics.histogram(
      'picket_responder_broker_to_alert_seconds',
      'From the broker taking the packet that caused an alert to the alert being told.',
      LATENCY_SECONDS,
    )
    this.#observeCommit = metrics.histogram(
      'picket_responder_commit_seconds',
      'How long the store took for a commit.',
      [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    )
  }

  watch(metrics: Metrics, read: () => FleetFigures): void {
    const gauge = (name: string, help: string, of: (figures: FleetFigures) => number): void =>
      metrics.gauge(`picket_responder_${name}`, help, () => of(read()))
    gauge('incidents', 'Incidents in our partitions.', ({ incidents }) => incidents)
    gauge('processes', 'Processes heard in our partitions.', ({ processes }) => processes)
    gauge('blind_hosts', 'Hosts that are silent without a word.', ({ blindHosts }) => blindHosts)
    gauge('outbox_alerts', 'Alerts committed and not yet told.', ({ waiting }) => waiting)
    gauge('clock_ahead_seconds', 'How far our clock is ahead of the broker’s.', (f) => f.clockAheadSeconds)
    const byTopic = (name: string, help: string, of: (f: FleetFigures) => BySink): void =>
      metrics.gaugeBy(`picket_responder_${name}`, help, 'topic', () => of(read()))
    byTopic('lag_records', 'Records not yet read.', ({ lagRecords }) => lagRecords)
    byTopic(
      'lag_seconds',
      'Age of the last record read, while there are more.',
      ({ lagSeconds }) => lagSeconds,
    )
    byTopic('partitions', 'Partitions that are ours.', ({ partitions }) => partitions)
  }

  started(instance: string): void {
    this.#log.info({ instance }, 'the responder reads alerts and receipts')
  }

  startWaits(error: Error): void {
    this.#log.warn({ err: error }, 'the start waits for Kafka and Redis')
  }

  alertWeighed(reason: Judgement['reason']): void {
    this.#weighed[reason] = (this.#weighed[reason] ?? 0) + 1
  }

  /** Times of the packet that caused it: of its line, and of the broker taking it (0 where nobody noted it). */
  alertTold(time: number, logged: number): void {
    this.#observeFromLine(Math.max(0, Date.now() - time) / 1000)
    if (logged > 0) this.#observeFromBroker(Math.max(0, Date.now() - logged) / 1000)
  }

  receiptsHeard(count: number): void {
    this.#receipts += count
  }

  fellSilent({ reporter, service, instance, lastHeard }: Process, now: number): void {
    this.#silences++
    const silentSeconds = Math.round((now - lastHeard) / 1000)
    const what = service === 'collector' ? 'blind host: its collector is silent' : `a ${service} is silent`
    this.#log.error({ reporter, service, instance, silentSeconds }, what)
  }

  heardAgain({ reporter, service, instance }: Process): void {
    const what = service === 'collector' ? 'a blind host sees again' : `the ${service} is heard again`
    this.#log.warn({ reporter, service, instance }, what)
  }

  setAside(topic: ReadTopic, partition: number, offset: number, reason: DeadReason, detail: string): void {
    this.#dead[reason] = (this.#dead[reason] ?? 0) + 1
    this.#log.error(
      { topic, partition, offset, reason, detail },
      'a message cannot be used and was set aside',
    )
  }

  committed(seconds: number): void {
    this.#observeCommit(seconds)
    if (this.#isStoreFailing) this.#log.warn('the store answers again')
    this.#isStoreFailing = false
  }

  commitRefused(reason: 'fenced' | 'moved'): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1
    this.#log.warn({ reason }, 'a commit was refused; reading begins again from what is stored')
  }

  displaced(name: string): void {
    this.#log.warn(
      { partition: name },
      `${name}: nothing came, but the store stands elsewhere; reading begins again from what is stored`,
    )
  }

  storeFailed(error: Error): void {
    if (!this.#isStoreFailing)
      this.#log.error({ err: error }, 'the store fails; nothing is lost, it is tried again')
    this.#isStoreFailing = true
  }

  heartbeatSent(): void {
    if (this.#areHeartbeatsFailing) this.#log.warn('heartbeats go out again')
    this.#areHeartbeatsFailing = false
  }

  heartbeatFailed(error: Error): void {
    this.#heartbeatFailures++
    if (!this.#areHeartbeatsFailing) this.#log.error({ err: error }, 'a heartbeat could not be sent')
    this.#areHeartbeatsFailing = true
  }
}

function zeroes(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, 0]))
}
