/**
 * From a checked configuration to what `picket run` is told: policy, rules and sources resolved.
 */
import { existsSync } from 'node:fs'
import { DEFAULT_VERDICTS } from '@picket/collector'
import type { SourceSettings } from '@picket/collector/main'
import { methodFor } from '../judging.ts'
import type { RunSettings } from '../run/settings.ts'
import { hostResponseSettings } from './host-response-settings.ts'
import type { Loaded } from './load.ts'
import { policySettings } from './policy-schema.ts'
import type { SourceConfig } from './sources-schema.ts'

export function runSettings(loaded: Loaded): RunSettings {
  const { config, rules } = loaded
  const { alerts, state, control, memory, log, metrics, policy, sources, timeZone, verdicts } = config
  return {
    ...{ alerts, state, control, memory, log },
    sources: namedSources(sources.length > 0 ? sources : [foundSource(existsSync)]),
    policy: methodFor(policySettings(policy), rules.rules),
    rules: rules.rules,
    verdicts: { ...DEFAULT_VERDICTS, ...verdicts },
    zone: timeZone,
    response: hostResponseSettings(loaded),
    metrics: metrics.enabled ? { host: metrics.host, port: metrics.port } : undefined,
  }
}

/** Where distributions put the kernel's lines, when there is no journal. */
const LOG_FILES = ['/var/log/kern.log', '/var/log/messages', '/var/log/syslog'] as const

/** The journal knows more (cursor, boot, zone), hence first; the ring buffer forgets, hence last. */
export function foundSource(exists: (path: string) => boolean): SourceConfig {
  if (exists('/run/systemd/journal/socket')) return { type: 'journal' }
  const file = LOG_FILES.find(exists)
  return file === undefined ? { type: 'kmsg' } : { type: 'file', path: file }
}

/** A source's name is part of incident ids: the same configuration must name it the same way each time. */
export function namedSources(sources: readonly SourceConfig[]): SourceSettings[] {
  const taken = new Map<string, number>()
  return sources.map((source) => {
    const name =
      source.name ?? (source.type === 'file' || source.type === 'socket' ? source.path : source.type)
    const count = (taken.get(name) ?? 0) + 1
    taken.set(name, count)
    return { ...source, name: count === 1 ? name : `${name}#${count}` } as SourceSettings
  })
}
