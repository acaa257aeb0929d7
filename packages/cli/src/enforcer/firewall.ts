/** From the configuration to what the enforcer is told: firewall, allowlist, peers. */
import type { FirewallSettings, NeverEntry } from '@picket/collector/enforcer'
import { parsePrefix, safeText } from '@picket/schemas'
import type { AllowConfigEntry } from '../config/allow-schema.ts'
import type { EnforcerConfig } from '../config/enforcer-schema.ts'
import type { Config } from '../config/schema.ts'

export function firewallOf({ firewall, command }: EnforcerConfig): FirewallSettings {
  return firewall === 'script' ? { type: 'script', command } : { type: firewall }
}

/** The enforcer's own list, and what is no scanner anyway. */
export function allowOf({ enforcer, rules }: Config): NeverEntry[] {
  const own = enforcer.allow.map(
    (entry): AllowConfigEntry => (typeof entry === 'string' ? { network: entry } : entry),
  )
  const known = (rules.allow ?? []).map((network): AllowConfigEntry => ({ network, comment: 'rules.allow' }))
  return [...own, ...known].flatMap(({ network, until, comment }) => {
    const prefix = parsePrefix(network)
    if (prefix === undefined) return []
    const note =
      comment === undefined ? `allowed here (${network})` : `allowed here: ${safeText(comment, 200)}`
    return [
      { prefix, reason: 'allowlisted', note, until: until === undefined ? undefined : Date.parse(until) },
    ]
  })
}

/** Who must stay reachable: brokers, Redis, and what is named. */
export function peersOf({ enforcer, kafka, redis }: Config): string[] {
  const redisPeers = [hostOf(redis.url), ...(redis.sentinels?.nodes ?? []), ...(redis.cluster ?? [])]
  return [...new Set([...kafka.brokers, ...redisPeers, ...enforcer.peers])].filter((peer) => peer !== '')
}

function hostOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return ''
  }
}
