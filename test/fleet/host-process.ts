/**
 * An enforcer as a process of its own whose firewall is that of a network namespace: what `picket enforcer` starts, with `nft` run inside.
 *
 * The process itself stays outside, where the broker is. What it is to do comes in PICKET_TEST_HOST.
 */
import { candidates, type EnforcerSettings, makeTool, startEnforcer } from '@picket/collector/enforcer'
import { Metrics, makeLogger } from '@picket/runtime'
import { readPublicKey } from '@picket/runtime/bans'
import { KafkaQueue } from '@picket/runtime/kafka'

export interface HostRequest {
  readonly brokers: readonly string[]
  readonly namespace: string
  /** As it is pinned. */
  readonly publicKey: string
  readonly settings: EnforcerSettings
}

const { brokers, namespace, publicKey, settings } = JSON.parse(
  process.env['PICKET_TEST_HOST'] ?? '',
) as HostRequest
const queue = new KafkaQueue({
  brokers: [...brokers],
  clientId: settings.instance,
  tls: undefined,
  sasl: undefined,
})
const [kernel] = candidates({ type: 'nftables' }, makeTool({ through: ['ip', 'netns', 'exec', namespace] }))
if (kernel === undefined) throw new Error('no nftables')
const key = readPublicKey(publicKey, 'test')
const enforcer = await startEnforcer(settings, {
  queue,
  log: makeLogger({ level: 'info', format: 'json' }),
  metrics: new Metrics(),
  keys: new Map([[key.id, key]]),
  kernel,
})
process.once('SIGTERM', async () => {
  await enforcer.stop()
  await queue.close()
})
