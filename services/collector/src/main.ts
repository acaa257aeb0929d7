/**
 * The collector's adapters, for whoever composes a process of them: everything of this service that
 * touches the outside. The pure part is `index.ts`.
 */
import type { Logger, Metrics, Queue } from '@picket/runtime'
import { openSpool } from './adapters/spool/open-spool.ts'
import { Collector } from './collector.ts'
import type { CollectorSettings } from './config.ts'
import { CollectorEvents } from './events.ts'
import { SpoolEvents } from './spool-events.ts'

export { headOf, type InputHead } from './adapters/input-head.ts'
export { LineReader, type OnPacket, type ReadOptions } from './adapters/line-reader.ts'
export * from './adapters/log-source.ts'
export { makeSource } from './adapters/make-source.ts'
export type { Recent } from './adapters/recent-lines.ts'
export { type OnChunk, RunningSources } from './adapters/running-sources.ts'
export { SpoolError } from './adapters/spool/recover-spool.ts'
export { Collector } from './collector.ts'
export * from './config.ts'
export { CollectorEvents, type LineCounts } from './events.ts'
export { SpoolEvents } from './spool-events.ts'

export interface Outside {
  readonly queue: Queue
  readonly log: Logger
  readonly metrics: Metrics
}

const DAY_MS = 86_400_000

/** Takes up where the last process ended; the broker need not be there. Throws where the host is not as it must be. */
export async function startCollector(
  settings: CollectorSettings,
  { queue, log, metrics }: Outside,
): Promise<Collector> {
  const events = new CollectorEvents(
    log,
    metrics,
    settings.sources.map(({ name }) => name),
  )
  const spoolEvents = new SpoolEvents(log, metrics)
  const { maxAgeDays, ...spoolOptions } = settings.spool
  const { partitions } = settings.topics
  const spool = await openSpool({ ...spoolOptions, partitions, maxAgeMs: maxAgeDays * DAY_MS }, spoolEvents)
  const collector = new Collector({ settings, spool, queue, events, spoolEvents, metrics })
  await collector.start()
  return collector
}
