/**
 * From a checked configuration to what `picket run` does about alerts.
 *
 * The sections are there with their defaults in every configuration, so what counts is whether the file names one: a guard that is
 * only asked to watch loads nothing of this.
 */
import { hostSettings } from '../enforcer/host-settings.ts'
import type { HostResponseSettings } from '../run/settings.ts'
import { valueAt } from './issues.ts'
import type { Loaded } from './load.ts'
import { responseSettings } from './response-settings.ts'

const SECTIONS = ['channels', 'decisions', 'bans', 'allow'] as const

export function hostResponseSettings({ config, yaml }: Loaded): HostResponseSettings {
  const { incidents, keep } = config.responder
  return {
    isAsked: SECTIONS.some((name) => valueAt(yaml.value, [name]) !== undefined),
    response: responseSettings(config),
    incidents: { most: incidents, keptSeconds: keep },
    channels: config.channels,
    enrichment: config.enrichment,
    enforcer: hostSettings(config),
  }
}
