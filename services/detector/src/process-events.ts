/**
 * Events of the detector as a process of the fleet: where it logs and counts what the pure part cannot know.
 */
import type { Extent, Logger, Metrics, PartitionName } from '@picket/runtime'
import { safeText } from '@picket/schemas'
import type { LoggedAlert, PoisonReason, StageNumbers } from './adapters/stage.ts'
import { POISON_REASONS } from './adapters/stage.ts'
import type { ReporterClock } from './detect/fleet/reporter-clocks.ts'

export const REFUSALS = ['fenced', 'moved'] as const
const WHY: Readonly<Record<(typeof REFUSALS)[number], string>> = {
  fenced: 'another has claimed it or the store fell back in time',
  moved: 'the store stands at another offset',
}
const OPERATIONS = ['load', 'commit'] as const
/** Of one call for up to some thousand values. */
const STORE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]
const ALERT_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 60, 600]
/** A partition that waits says so at its first wait, and then about every minute. */
const WAITS_BETWEEN_LINES = 30

type ByName = Record<string, number>

/** What only the running process can tell, read when somebody scrapes. */
export interface ProcessNumbers extends StageNumbers {
  readonly lagRecords: ByName
  readonly lagSeconds: ByName
  readonly partitions: ByName
  readonly skewed: number
}

type Counted = 'evicted' | 'late' | 'ahead' | 'missing' | 'repeated' | 'replayed' | 'forgotten'

const COUNTED: readonly (readonly [string, string, Counted])[] = [
  ['picket_detector_evicted_total', 'Sources put out of memory; the store has them.', 'evicted'],
  ['picket_detector_late_packets_total', 'Packets behind the lateness that is waited for.', 'late'],
  ['picket_detector_ahead_packets_total', 'Packets whose clock ran ahead of the broker’s.', 'ahead'],
  ['picket_detector_missing_batches_total', 'Batches that agents numbered and that never came.', 'missing'],
  ['picket_detector_repeated_batches_total', 'Batches that came again.', 'repeated'],
  ['picket_detector_replayed_packets_total', 'Packets read again that their scan held already.', 'replayed'],
  [
    'picket_detector_forgotten_scans_total',
    'Stored scans that are unreadable or of another policy.',
    'forgotten',
  ],
]

const BY_STAGE: readonly (readonly [string, string, 'lagRecords' | 'lagSeconds' | 'partitions'])[] = [
  ['picket_detector_lag_records', 'Messages not yet committed.', 'lagRecords'],
  ['picket_detector_lag_seconds', 'Age of the oldest message not yet committed, about.', 'lagSeconds'],
  ['picket_detector_partitions', 'Partitions owned.', 'partitions'],
]

export class DetectorProcessEvents {
  readonly #log: Logger
  readonly #alerts: ByName = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 }
  readonly #refused: ByName = Object.fromEntries(REFUSALS.map((name) => [name, 0]))
  readonly #displaced: ByName = Object.fromEntries(REFUSALS.map((name) => [name, 0]))
  readonly #deadLetters: ByName = {}
  readonly #observeStore: Record<(typeof OPERATIONS)[number], (seconds: number) => void>
  readonly #observeAlert: (seconds: number) => void
  readonly #observeBroker: (seconds: number) => void
  #waits = 0
  #rebuilds = 0
  #claims = 0
  #foldFailures = 0
  #viewFailures = 0

  constructor(log: Logger, metrics: Metrics) {
    this.#log = log
    for (const reason of POISON_REASONS) this.#deadLetters[reason] = 0
    this.#count(metrics)
    this.#observeStore = {
      load: metrics.histogram('picket_detector_store_load_seconds', 'Of one look-up.', STORE_SECONDS),
      commit: metrics.histogram('picket_detector_store_commit_seconds', 'Of one commit.', STORE_SECONDS),
    }
    this.#observeAlert = metrics.histogram(
      'picket_detector_line_to_alert_seconds',
      'From the time of the packet that caused an alert, by its own clock, to the alert on the topic.',
      ALERT_SECONDS,
    )
    this.#observeBroker = metrics.histogram(
      'picket_detector_broker_to_alert_seconds',
      'From the broker taking the packet that caused an alert to the alert on the topic.',
      ALERT_SECONDS,
    )
  }

  #count(metrics: Metrics): void {
    const total = (name: string, help: string, read: () => number) =>
      metrics.counter(`picket_detector_${name}_total`, help, read)
    const totalBy = (name: string, help: string, label: string, read: () => ByName) =>
      metrics.counterBy(`picket_detector_${name}_total`, help, label, read)
    totalBy('alerts', 'Alerts published, by danger level.', 'level', () => this.#alerts)
    totalBy('refused_commits', 'Commits that the store refused.', 'reason', () => this.#refused)
    totalBy('displaced', 'Times that a quiet partition was found elsewhere in the store.', 'reason', () => {
      return this.#displaced
    })
    totalBy('dead_letters', 'Messages set aside.', 'reason', () => this.#deadLetters)
    total('waits', 'Times that the store or the broker had to be asked again.', () => this.#waits)
    total('claims', 'Partitions taken over.', () => this.#claims)
    total(
      'rebuilds',
      'Partitions begun from an empty store though the topic held messages.',
      () => this.#rebuilds,
    )
    total('fold_failures', 'Messages at which the fold failed.', () => this.#foldFailures)
    total('view_failures', 'Views of incidents that could not be written.', () => this.#viewFailures)
  }

  /** What can be read off the running partitions. */
  watch(metrics: Metrics, read: () => ProcessNumbers): void {
    for (const [name, help, number] of COUNTED) metrics.counter(name, help, () => read()[number])
    for (const [name, help, number] of BY_STAGE) metrics.gaugeBy(name, help, 'stage', () => read()[number])
    metrics.gauge(
      'picket_detector_skewed_reporters',
      'Reporters whose packets differ from the broker’s time by more than a minute.',
      () => read().skewed,
    )
    metrics.gauge('picket_detector_sources', 'Sources held in memory.', () => read().sources)
    metrics.counterBy('picket_detector_observed_total', 'Packets, by what they were.', 'observation', () => {
      return read().observed
    })
  }

  claimed(name: PartitionName, epoch: number, next: number, extent: Extent): void {
    this.#claims++
    this.#log.info({ partition: name, epoch, next, behind: extent.end - next }, `${name} is ours`)
  }

  rebuilding(name: PartitionName, extent: Extent): void {
    this.#rebuilds++
    this.#log.warn(
      { partition: name, messages: extent.end - extent.start },
      `${name}: the store is empty though the topic holds messages: everything is rebuilt from offset ${extent.start}`,
    )
  }

  revoked(name: PartitionName): void {
    this.#log.info({ partition: name }, `${name} is given up`)
  }

  stored(operation: (typeof OPERATIONS)[number], tookMs: number): void {
    this.#observeStore[operation](tookMs / 1_000)
  }

  refused(name: PartitionName, reason: (typeof REFUSALS)[number]): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1
    this.#log.warn(
      { partition: name, reason },
      `${name}: a commit was refused, as ${WHY[reason]}; memory is dropped`,
    )
  }

  /** The store has fallen back in time, or another has claimed the partition, while nothing came for it. */
  displaced(name: PartitionName, reason: (typeof REFUSALS)[number]): void {
    this.#displaced[reason] = (this.#displaced[reason] ?? 0) + 1
    this.#log.warn(
      { partition: name, reason },
      `${name}: nothing came, but ${WHY[reason]}; memory is dropped and the partition taken anew`,
    )
  }

  waiting(name: PartitionName, error: Error, count: number): void {
    this.#waits++
    if (count % WAITS_BETWEEN_LINES !== 1) return
    this.#log.warn({ partition: name, err: error, count }, `${name} waits: ${error.message}`)
  }

  foldFailed(name: PartitionName, offset: number, error: Error): void {
    this.#foldFailures++
    this.#log.error(
      { partition: name, offset, err: error },
      `${name}: the fold failed at offset ${offset}; this is a bug`,
    )
  }

  deadLetter(reason: PoisonReason): void {
    this.#deadLetters[reason] = (this.#deadLetters[reason] ?? 0) + 1
    this.#log.error({ reason }, 'a message cannot be used and was set aside on the dead-letter topic')
  }

  viewFailed(name: PartitionName, error: Error): void {
    this.#viewFailures++
    this.#log.debug({ partition: name, err: error }, 'views of incidents could not be written')
  }

  clockOff({ reporter, skewMs }: ReporterClock): void {
    const seconds = Math.round(Math.abs(skewMs) / 1_000)
    const text =
      skewMs > 0
        ? `the clock of ${safeText(reporter)} is ${seconds} s ahead: its packets have the broker’s time`
        : `packets of ${safeText(reporter)} are ${seconds} s old when they come: its clock is behind, or they waited in its spool`
    this.#log.warn({ reporter, skewMs }, text)
  }

  subscriptionEnded(error: Error): void {
    this.#log.fatal({ err: error }, `reading has stopped: ${error.message}`)
  }

  alertPublished({ alert, logged }: LoggedAlert): void {
    const level = String(alert.incident.level)
    this.#alerts[level] = (this.#alerts[level] ?? 0) + 1
    const now = Date.now()
    this.#observeAlert(Math.max(0, now - alert.time) / 1_000)
    if (logged > 0) this.#observeBroker(Math.max(0, now - logged) / 1_000)
    this.#log.info(
      { alert: alert.id, incident: alert.incident.id, level: alert.incident.level, revision: alert.revision },
      'alert published',
    )
  }
}
