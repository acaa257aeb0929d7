/** From the configuration to what bans on this host, whoever decides: a fleet, or `picket run` alone. */
import type { EnforcerSettings } from '@picket/collector/enforcer'
import type { Config } from '../config/schema.ts'
import { instanceName, REPORTER } from '../fleet/identity.ts'
import { VERSION } from '../version.ts'
import { allowOf, firewallOf } from './firewall.ts'

/** `peers` are those that the configuration names: what a fleet needs beside them is the caller's to add. */
export function hostSettings(config: Config): Omit<EnforcerSettings, 'topics'> {
  const { collector, enforcer } = config
  return {
    reporter: collector.reporter ?? REPORTER,
    site: collector.site,
    instance: instanceName('enforcer'),
    version: VERSION,
    state: enforcer.state,
    firewall: firewallOf(enforcer),
    caps: enforcer.caps,
    allow: allowOf(config),
    peers: enforcer.peers,
    adminPorts: enforcer.adminPorts,
    heartbeatSeconds: enforcer.heartbeatSeconds,
  }
}
