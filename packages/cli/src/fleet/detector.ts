/** The detector as a service: from the configuration to a running process. */
import { randomInt } from 'node:crypto'
import { PICKET_POLICY } from '@picket/detector'
import { type DetectorSettings, startDetector } from '@picket/detector/main'
import { openStore } from '@picket/runtime'
import type { Loaded } from '../config/load.ts'
import { policySettings } from '../config/policy-schema.ts'
import { redisSettings } from '../config/redis-schema.ts'
import { methodFor } from '../judging.ts'
import { VERSION } from '../version.ts'
import { instanceName, REPORTER } from './identity.ts'
import { openQueue } from './open-queue.ts'
import type { Service, ServiceParts, ServiceProcess } from './service.ts'

export const DETECTOR: Service = { name: 'detector', start }

async function start(loaded: Loaded, { log, metrics }: ServiceParts): Promise<ServiceProcess> {
  const queue = await openQueue(loaded, log)
  const store = await openStore(redisSettings(loaded.config.redis, process.env), log)
  const detector = await startDetector(settingsOf(loaded), { queue, store, log, metrics })
  return {
    healthy: () => detector.healthy(),
    ready: () => detector.ready(),
    failed: detector.failed,
    stop: async () => {
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
    prefix: 'picket',
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
