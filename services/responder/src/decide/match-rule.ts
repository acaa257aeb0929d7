/**
 * Match rule: the first rule that fits an alert.
 *
 * Expressions are the admin's, the texts that they are tried on a stranger's: those are short, so no expression runs long.
 */
import { type Alert, parseAddress, parsePrefix, prefixContains } from '@picket/schemas'
import type { DecisionRule, RuleFilter } from './decision-policy.ts'

const MAX_PREFIX = 64

export function firstRule(rules: readonly DecisionRule[], alert: Alert): DecisionRule | undefined {
  return rules.find(({ when }) => fits(when, alert))
}

export function fits(when: RuleFilter, alert: Alert): boolean {
  const { incident } = alert
  return (
    incident.level >= (when.level ?? 0) &&
    incident.score >= (when.score ?? 0) &&
    (when.kinds === undefined || incident.kinds.some((kind) => when.kinds?.includes(kind))) &&
    (when.hosts === undefined || isAboutHost(when.hosts, alert)) &&
    (when.prefix === undefined || hasPrefix(when.prefix, alert)) &&
    (when.networks === undefined || isWithin(incident.source, when.networks)) &&
    (when.exceptNetworks === undefined || !isWithin(incident.source, when.exceptNetworks))
  )
}

function isAboutHost(hosts: readonly string[], { incident }: Alert): boolean {
  if (incident.reporters.some((reporter) => hosts.includes(reporter))) return true
  return incident.hosts.some((host) => hosts.includes(host) || isWithin(host, hosts))
}

/** Without a packet as evidence there is no prefix to look at, and nothing fits. */
export function hasPrefix(expression: string, { evidence = [] }: Alert): boolean {
  const wanted = new RegExp(expression)
  return evidence.some(({ prefix }) => wanted.test(prefix.slice(0, MAX_PREFIX)))
}

/** A source of null, which is many, lies in no network. */
export function isWithin(source: string | null, networks: readonly string[]): boolean {
  const address = source === null ? undefined : parseAddress(source)
  if (address === undefined) return false
  return networks.some((text) => {
    const network = parsePrefix(text)
    return network !== undefined && prefixContains(network, address)
  })
}
