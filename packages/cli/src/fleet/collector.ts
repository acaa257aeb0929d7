/**
 * The collector as a service: from the configuration to a running process.
 *
 * It is ready before Kafka is: what it reads is safe in the spool. A new configuration changes its sources; all else
 * holds until the next start.
 */
import { DEFAULT_VERDICTS } from '@picket/collector'
import { type CollectorSettings, SourceError, SpoolError, startCollector } from '@picket/collector/main'
import { FolderLockedError, topicNamed } from '@picket/runtime'
import type { Loaded } from '../config/load.ts'
import { runSettings } from '../config/run-settings.ts'
import { WrongUse } from '../failures.ts'
import { VERSION } from '../version.ts'
import { zoneNamed } from '../zone.ts'
import { REPORTER } from './identity.ts'
import { openQueue } from './open-queue.ts'
import type { Service, ServiceParts, ServiceProcess } from './service.ts'

export const COLLECTOR: Service = { name: 'collector', start }

async function start(loaded: Loaded, { log, metrics }: ServiceParts): Promise<ServiceProcess> {
  const queue = await openQueue(loaded, log)
  try {
    const collector = await startCollector(collectorSettings(loaded), { queue, log, metrics })
    return {
      healthy: () => collector.healthy(),
      ready: () => collector.ready(),
      failed: collector.failed,
      reload: (again) => collector.useSources(collectorSettings(again).sources),
      stop: async () => {
        await collector.stop()
        await queue.close()
      },
    }
  } catch (error) {
    await queue.close()
    throw isUsersToMend(error) ? new WrongUse(error.message, { cause: error }) : error
  }
}

function isUsersToMend(error: unknown): error is Error {
  return [SourceError, SpoolError, FolderLockedError].some((kind) => error instanceof kind)
}

export function collectorSettings(loaded: Loaded): CollectorSettings {
  const { config } = loaded
  const { site, reporter = REPORTER, spool, batch, heartbeatSeconds } = config.collector
  const { sources, zone, verdicts = DEFAULT_VERDICTS } = runSettings(loaded)
  const { partitions } = config.kafka
  return {
    sources,
    verdicts,
    zone: zoneNamed(zone).offsetOfLocal,
    site,
    reporter,
    batch,
    heartbeatSeconds,
    spool: { ...spool, path: spool.path ?? `${config.state}/spool` },
    topics: {
      packets: topicNamed(config.kafka, 'packets'),
      receipts: topicNamed(config.kafka, 'receipts'),
      partitions: partitions.packets,
      receiptPartitions: partitions.receipts,
    },
    version: VERSION,
  }
}
