/**
 * The detector as a service: what it opens by the configuration, and gives back in the end.
 *
 * It is there before Kafka and Redis are: it waits for them, is alive, and not ready.
 */
import { randomInt } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { PICKET_POLICY } from '@picket/detector'
import { type DetectorSettings, startDetector } from '@picket/detector/main'
import { checkTopics, openStore, type TopicName } from '@picket/runtime'
import { kafkaSettings } from '../config/kafka-schema.ts'
import type { Loaded } from '../config/load.ts'
import { policySettings } from '../config/policy-schema.ts'
import { redisSettings } from '../config/redis-schema.ts'
import { methodFor } from '../judging.ts'
import { VERSION } from '../version.ts'
import { instanceName, REPORTER } from './identity.ts'
import type { Service, ServiceParts, ServiceProcess } from './service.ts'

export const DETECTOR: Service = { name: 'detector', start }

/**
 * V8 lets the heap grow to a multiple of what lives in it, which is mostly the scans kept in memory. Collecting earlier costs a few
 * percent of the CPU and saves a third of the memory; much earlier (40) costs a sixth (npm run bench:fleet-memory, bench:fleet).
 */
const HEAP_GROWTH = '--heap-growing-percent=50'

const NEEDED: readonly TopicName[] = ['packets', 'contacts', 'alerts', 'receipts', 'dead-letters']

async function start(loaded: Loaded, { log, metrics }: ServiceParts): Promise<ServiceProcess> {
  setFlagsFromString(HEAP_GROWTH)
  const { config } = loaded
  const { KafkaQueue } = await import('@picket/runtime/kafka')
  const queue = new KafkaQueue(kafkaSettings(config.kafka, process.env), log)
  const store = await openStore(redisSettings(config.redis, process.env), log)
  const ending = new AbortController()
  const detector = startDetector(settingsOf(loaded), {
    ...{ queue, store, log, metrics },
    checkTopics: () => checkTopics(queue, config.kafka, NEEDED, ending.signal),
  })
  return {
    healthy: () => detector.healthy(),
    ready: () => detector.ready(),
    failed: detector.failed,
    stop: async () => {
      ending.abort()
      await detector.stop()
      await store.close()
      await queue.close()
    },
  }
}

function settingsOf({ config, rules }: Loaded): DetectorSettings {
  const { heartbeatSeconds, ...section } = config.detector
  const policy = policySettings(config.policy)
  return {
    ...section,
    prefix: config.kafka.prefix,
    instance: instanceName('detector'),
    reporter: REPORTER,
    version: VERSION,
    makeMethod: () => methodFor(policy, rules.rules),
    rules: rules.rules,
    togetherPolicy: policy.name === 'picket' ? policy : PICKET_POLICY,
    heartbeatMs: heartbeatSeconds * 1_000,
    seed: randomInt(2 ** 31),
  }
}
