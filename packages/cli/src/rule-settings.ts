/** Rules from several places put together; later entries win over equally specific earlier ones. */
import type { RuleSettings } from '@picket/detector'

export const IGNORE_LISTS = [
  'ports',
  'protocols',
  'interfaces',
  'prefixes',
  'sources',
  'destinations',
] as const

export function mergeRules(first: RuleSettings, second: RuleSettings): RuleSettings {
  const ignore = IGNORE_LISTS.map((name) => [
    name,
    [...(first.ignore?.[name] ?? []), ...(second.ignore?.[name] ?? [])],
  ])
  return {
    allow: [...(first.allow ?? []), ...(second.allow ?? [])],
    homeNet: [...(first.homeNet ?? []), ...(second.homeNet ?? [])],
    ignore: Object.fromEntries(ignore) as NonNullable<RuleSettings['ignore']>,
    assignments: [...(first.assignments ?? []), ...(second.assignments ?? [])],
    autoDl: [...(first.autoDl ?? []), ...(second.autoDl ?? [])],
  }
}
