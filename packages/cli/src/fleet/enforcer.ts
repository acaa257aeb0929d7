/**
 * The enforcer as a service: from the configuration to a running process.
 *
 * It begins before Kafka is there, since a host keeps its bans without it. A new configuration changes keys and the allowlist; all
 * else holds until the next start.
 */
import { type EnforcerSettings, startEnforcer } from '@picket/collector/enforcer'
import { addKey, type PinnedKeys, readPinnedKeys, readPublicKey } from '@picket/runtime/bans'
import type { Loaded } from '../config/load.ts'
import { allowOf, peersOf } from '../enforcer/firewall.ts'
import { hostSettings } from '../enforcer/host-settings.ts'
import { openQueue } from './open-queue.ts'
import type { Service, ServiceParts, ServiceProcess } from './service.ts'

export const ENFORCER: Service = { name: 'enforcer', start }

async function start(loaded: Loaded, { log, metrics }: ServiceParts): Promise<ServiceProcess> {
  const keys = keysOf(loaded)
  const queue = await openQueue(loaded, log)
  try {
    const enforcer = await startEnforcer(enforcerSettings(loaded), { queue, log, metrics, keys })
    return {
      healthy: () => enforcer.healthy(),
      ready: () => enforcer.ready(),
      failed: enforcer.failed,
      reload: (again) => enforcer.use(keysOf(again), allowOf(again.config)),
      stop: async () => {
        await enforcer.stop()
        await queue.close()
      },
    }
  } catch (error) {
    await queue.close()
    throw error
  }
}

export function enforcerSettings({ config }: Loaded): EnforcerSettings {
  const { kafka } = config
  const here = hostSettings(config)
  return {
    ...here,
    topics: {
      bans: `${kafka.prefix}.bans`,
      receipts: `${kafka.prefix}.receipts`,
      group: `${kafka.prefix}-enforcer-${here.reporter}`,
    },
    peers: peersOf(config),
  }
}

function keysOf({ config }: Loaded): PinnedKeys {
  const keys = readPinnedKeys(config.enforcer.keys)
  for (const line of config.enforcer.publicKeys) addKey(keys, readPublicKey(line, 'enforcer.publicKeys'))
  return keys
}
