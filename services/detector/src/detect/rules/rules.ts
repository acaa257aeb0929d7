/**
 * Rules: what the admin has said about traffic, before any policy looks at it.
 *
 * Order is meaning: what is ignored (or comes from an allowed source) is gone, so an assignment cannot bring it
 * back. With nothing configured every question here costs one comparison.
 */
import type { Address, DangerLevel, Packet } from '@picket/schemas'
import { type Assignment, type Assignments, assignedBy, compileAssignments } from './assignments.ts'
import { parseCriteria, parseLevel } from './auto-dl.ts'
import { compileIgnore, type Ignore, type IgnoreSettings, ignores } from './ignore.ts'
import { compileNetworks, type NetworkSet, type RuleFault, readNetwork } from './networks.ts'

export interface AssignmentSettings {
  readonly network: string
  readonly level: number
  /** `tcp/1-1024, udp`; everything when absent. */
  readonly only?: string | undefined
}

export interface RuleSettings {
  readonly allow?: readonly string[] | undefined
  readonly homeNet?: readonly string[] | undefined
  readonly ignore?: IgnoreSettings | undefined
  readonly assignments?: readonly AssignmentSettings[] | undefined
  /** What `parseAutoDl` read; `assignments` come later and so win over equally specific ones. */
  readonly autoDl?: readonly Assignment[] | undefined
}

export interface Rules {
  readonly allow: NetworkSet
  readonly ignore: Ignore
  readonly assignments: Assignments
  readonly homeNet: NetworkSet
}

/** All faults at once; a part with a fault is left out of the rules. */
export function compileRules(settings: RuleSettings): { rules: Rules; faults: readonly RuleFault[] } {
  const faults: RuleFault[] = []
  const assignments = [...(settings.autoDl ?? []), ...readAssignments(settings.assignments ?? [], faults)]
  const rules: Rules = {
    allow: compileNetworks(settings.allow, 'allow', faults),
    ignore: compileIgnore(settings.ignore ?? {}, faults),
    assignments: compileAssignments(assignments),
    homeNet: compileNetworks(settings.homeNet, 'homeNet', faults),
  }
  return { rules, faults }
}

export const NO_RULES: Rules = compileRules({}).rules

/** Nobody is to look at this packet: an ignore rule names it, or its source is allowed. */
export function isIgnored(rules: Rules, packet: Packet): boolean {
  return ignores(rules.ignore, packet) || isAllowed(rules, packet.src)
}

export function isAllowed(rules: Rules, source: Address): boolean {
  return rules.allow.size !== 0 && rules.allow.match(source) === true
}

export function isHome(rules: Rules, address: Address): boolean {
  return rules.homeNet.size !== 0 && rules.homeNet.match(address) === true
}

/** The level given to the packet's source by assignment: 0 exempts it, -1 says nothing. */
export function assignmentOf(rules: Rules, packet: Packet): DangerLevel | -1 {
  return assignedBy(rules.assignments, packet)?.level ?? -1
}

function readAssignments(settings: readonly AssignmentSettings[], faults: RuleFault[]): Assignment[] {
  const read: Assignment[] = []
  for (const [i, { network: text, level: number, only }] of settings.entries()) {
    const origin = `assignments[${i}]`
    const network = readNetwork(text, `${origin}.network`, faults)
    const level = parseLevel(String(number))
    if (level === undefined) faults.push({ path: `${origin}.level`, reason: `${number} is not 0 to 5` })
    const criteria = parseCriteria(only ?? '')
    if (typeof criteria === 'string') faults.push({ path: `${origin}.only`, reason: criteria })
    else if (network !== undefined && level !== undefined) read.push({ network, level, criteria, origin })
  }
  return read
}
