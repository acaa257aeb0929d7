/**
 * Spool events: what becomes of batches, as the collector of a fleet logs and counts it; `events.ts` goes on here.
 *
 * A batch that is dropped is told as an error each time: its number stays missing, and whoever reads the topic sees the gap.
 */
import type { ByLabel, Logger, Metrics } from '@picket/runtime'
import { safeText } from '@picket/schemas'

/** Why batches that were sealed will never arrive. */
export const LOST_REASONS = ['size', 'age', 'damage', 'too-large'] as const
export type LostReason = (typeof LOST_REASONS)[number]

const AGENTS = {
  first: 'this agent is new',
  'other-machine':
    'this disk was another machine’s: a new agent begins here, and what that one left is set aside',
  'spool-fell-back':
    'the spool is not the one that this agent wrote last: a new agent goes on, so that no number is given out twice',
} as const

/** What the spool says of itself when somebody scrapes. */
export interface SpoolFigures {
  readonly backlog: { readonly batches: number; readonly bytes: number }
  readonly diskBytes: number
  readonly oldest: number | undefined
  readonly fault: Error | undefined
}

/** What becomes of batches, from the spool to the broker. */
export class SpoolEvents {
  readonly lost: Record<LostReason, { batches: number; packets: number }> = {
    size: { batches: 0, packets: 0 },
    age: { batches: 0, packets: 0 },
    damage: { batches: 0, packets: 0 },
    'too-large': { batches: 0, packets: 0 },
  }
  sealed = 0
  published = 0
  publishedPackets = 0
  publishFailures = 0
  readonly #log: Logger
  readonly #observeSync: (seconds: number) => void
  readonly #observePublish: (seconds: number) => void
  #damagedBytes = 0
  #spoolFailures = 0
  #failing: string | undefined

  constructor(log: Logger, metrics: Metrics) {
    this.#log = log
    const by = (what: 'batches' | 'packets') => (): ByLabel =>
      Object.fromEntries(LOST_REASONS.map((reason) => [reason, this.lost[reason][what]]))
    const counter = (name: string, help: string, read: () => number): void =>
      metrics.counter(`picket_collector_${name}_total`, help, read)
    counter('batches_sealed', 'Batches sealed with a number.', () => this.sealed)
    counter('batches_published', 'Batches that the broker has acknowledged.', () => this.published)
    counter('packets_published', 'Packets in these.', () => this.publishedPackets)
    counter('publish_failures', 'Times that batches had to be sent again.', () => this.publishFailures)
    counter('spool_failures', 'Times that the spool could not be written.', () => this.#spoolFailures)
    counter('spool_damaged_bytes', 'Bytes of the spool found damaged at a start.', () => this.#damagedBytes)
    metrics.counterBy(
      'picket_collector_spool_dropped_batches_total',
      'Sealed batches that will never arrive, by reason; their numbers stay missing.',
      'reason',
      by('batches'),
    )
    metrics.counterBy(
      'picket_collector_spool_dropped_packets_total',
      'Packets in these.',
      'reason',
      by('packets'),
    )
    this.#observeSync = metrics.histogram(
      'picket_collector_spool_fsync_seconds',
      'Time to make the spool durable.',
      SECONDS,
    )
    this.#observePublish = metrics.histogram(
      'picket_collector_publish_seconds',
      'From a batch being sealed to the broker’s acknowledgement.',
      SECONDS,
    )
  }

  watch(metrics: Metrics, spool: SpoolFigures, limitBytes: number, folded: () => number): void {
    metrics.counter(
      'picket_collector_folded_packets_total',
      'Packets that were added to the record of others like them.',
      folded,
    )
    const gauge = (name: string, help: string, read: () => number): void =>
      metrics.gauge(`picket_collector_spool_${name}`, help, read)
    gauge('bytes', 'Bytes of batches that the broker has not acknowledged.', () => spool.backlog.bytes)
    gauge('batches', 'Batches that the broker has not acknowledged.', () => spool.backlog.batches)
    gauge('disk_bytes', 'Bytes of the spool’s files.', () => spool.diskBytes)
    gauge('limit_bytes', 'What these may take; beyond it the oldest batches go.', () => limitBytes)
    gauge('oldest_seconds', 'Age of the oldest batch that the broker has not acknowledged.', () =>
      spool.oldest === undefined ? 0 : Math.max(0, (Date.now() - spool.oldest) / 1000),
    )
    gauge('writable', '1 while the spool can be written to.', () => (spool.fault === undefined ? 1 : 0))
  }

  agentMade(agent: string, why: keyof typeof AGENTS): void {
    this.#log[why === 'first' ? 'info' : 'error']({ agent }, AGENTS[why])
  }

  spoolFault(fault: string): void {
    this.#log.error(`spool: ${safeText(fault)}`)
  }

  spoolDamaged(bytes: number): void {
    this.#damagedBytes += bytes
  }

  spoolRecovered(segments: number, seconds: number): void {
    this.#log.info({ segments, seconds }, 'what the last process left in the spool is read')
  }

  spoolBroken(error: Error): void {
    this.#spoolFailures++
    this.#log.error({ err: error }, 'the spool cannot be written to: reading waits until it can; make room')
  }

  spoolMended(): void {
    this.#log.warn('the spool can be written to again, and reading goes on')
  }

  batchesDropped(batches: number, packets: number, reason: LostReason): void {
    this.lost[reason].batches += batches
    this.lost[reason].packets += packets
    this.#log.error({ batches, packets, reason }, DROPPED[reason])
  }

  foldingHarder(harder: boolean): void {
    if (harder)
      this.#log.warn('the spool is nearly full: packets that are alike are folded without exception')
    else this.#log.info('the spool has room again')
  }

  synced(seconds: number): void {
    this.#observeSync(seconds)
  }

  batchPublished(packets: number, seconds: number): void {
    this.published++
    this.publishedPackets += packets
    this.#observePublish(seconds)
    if (this.#failing === undefined) return
    this.#failing = undefined
    this.#log.warn('batches are taken again')
  }

  /** Why nothing is taken at the moment, if so. */
  get failing(): string | undefined {
    return this.#failing
  }

  publishFailed(error: Error): void {
    this.publishFailures++
    const isNew = this.#failing !== error.message
    this.#failing = error.message
    if (isNew)
      this.#log.error({ err: error }, 'batches cannot be sent; they stay in the spool and are tried again')
  }

  heartbeatFailed(error: Error): void {
    this.#log.debug({ err: error }, 'a heartbeat was not taken')
  }
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]

const DROPPED: Readonly<Record<LostReason, string>> = {
  size: 'the spool is full: its oldest batches are dropped',
  age: 'batches that nobody took for too long are dropped',
  damage: 'batches in the spool are damaged and cannot be sent',
  'too-large': 'the broker refuses batches as too large; they are kept as dead letters',
}
