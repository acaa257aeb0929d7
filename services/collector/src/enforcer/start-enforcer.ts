/** Starts an enforcer: chooses the firewall, says which, and begins. */
import type { Logger, Metrics, Queue } from '@picket/runtime'
import type { PinnedKeys } from '@picket/runtime/bans'
import { chooseFirewall } from '../adapters/enforcement/choose.ts'
import { SystemFacts } from '../adapters/enforcement/system-facts.ts'
import type { HostFacts } from '../enforce/host-facts.ts'
import type { KernelBans } from '../enforce/kernel-bans.ts'
import { Enforcer } from './enforcer.ts'
import { EnforcerEvents } from './enforcer-events.ts'
import type { EnforcerSettings } from './settings.ts'

export interface StartParts {
  readonly queue: Queue
  readonly log: Logger
  readonly metrics: Metrics
  readonly keys: PinnedKeys
  /** Instead of what the settings choose, and of what the system says. */
  readonly kernel?: KernelBans
  readonly facts?: HostFacts
}

/** Resolves when it has begun; it is ready when the topic was read. */
export async function startEnforcer(settings: EnforcerSettings, parts: StartParts): Promise<Enforcer> {
  const events = new EnforcerEvents(parts.log, parts.metrics)
  const { kernel, passedOver } =
    parts.kernel === undefined
      ? await chooseFirewall(settings.firewall)
      : { kernel: parts.kernel, passedOver: [] }
  events.firewallChosen(kernel.name, kernel.isReal, passedOver)
  const facts = parts.facts ?? new SystemFacts(settings)
  const enforcer = new Enforcer(settings, { ...parts, kernel, facts, events })
  enforcer.begin()
  return enforcer
}
