/**
 * Read rules: section `rules`, with what policy psad and the command line add, turned into what the
 * detector looks packets up in.
 *
 * The detector's compiler checks networks, ports and expressions; its faults are moved to where the
 * text was written, under the names that it has there.
 */
import { dirname, resolve } from 'node:path'
import {
  type AssignmentSettings,
  checkPsadPolicy,
  compileRules,
  psadRuleSettings,
  type RuleSettings,
  type Rules,
} from '@picket/detector'
import { IGNORE_LISTS, mergeRules } from '../rule-settings.ts'
import { readAutoDl } from './auto-dl-file.ts'
import { type Fault, type Path, parsePath, printPath } from './fault.ts'
import { valueAt } from './issues.ts'
import { POLICY, policySettings } from './policy-schema.ts'
import { INLINE, RULES, type RulesConfig } from './rules-schema.ts'
import type { YamlFile } from './yaml-file.ts'

export interface ReadRules {
  readonly rules: Rules
  readonly faults: readonly Fault[]
  /** Names without an address; their entries are left out. */
  readonly warnings: readonly string[]
}

export async function readRules(yaml: YamlFile, added: RuleSettings): Promise<ReadRules> {
  const section = await readSection(yaml)
  const psad = readPsad(yaml)
  const { rules } = compileRules(mergeRules(mergeRules(psad.settings, section.settings), added))
  return { rules, faults: [...psad.faults, ...section.faults], warnings: section.warnings }
}

interface Read {
  readonly settings: RuleSettings
  readonly faults: readonly Fault[]
  readonly warnings: readonly string[]
}

async function readSection(yaml: YamlFile): Promise<Read> {
  const raw = valueAt(yaml.value, ['rules'])
  const files = filesOf(valueAt(raw, ['assignments']))
  const autoDl = await readAutoDl(files.map((file) => resolve(dirname(yaml.file), file)))
  const faults = [...faultsInLists(yaml), ...faultsInAssignments(yaml), ...autoDl.faults]
  const checked = RULES.safeParse(raw)
  if (!checked.success) return { settings: {}, faults, warnings: autoDl.warnings }
  const { homeNet, allow, ignore } = checked.data
  const assignments = inlineOf(checked.data.assignments)
  return {
    settings: { homeNet, allow, ignore, assignments, autoDl: autoDl.assignments },
    faults,
    warnings: autoDl.warnings,
  }
}

const LISTS: readonly Path[] = [['homeNet'], ['allow'], ...IGNORE_LISTS.map((name) => ['ignore', name])]

/** Each text is compiled by itself, so that a fault of shape elsewhere hides none of these. */
function faultsInLists(yaml: YamlFile): Fault[] {
  return LISTS.flatMap((path) => {
    const list = valueAt(yaml.value, ['rules', ...path])
    if (!Array.isArray(list)) return []
    return list.flatMap((text: unknown, at) => {
      if (typeof text !== 'string') return []
      const [last] = path.slice(-1)
      const settings = path.length > 1 ? { ignore: { [String(last)]: [text] } } : { [String(last)]: [text] }
      return compileRules(settings).faults.map(({ reason }) => faultAt(yaml, ['rules', ...path, at], reason))
    })
  })
}

function faultsInAssignments(yaml: YamlFile): Fault[] {
  const list = valueAt(yaml.value, ['rules', 'assignments'])
  if (!Array.isArray(list)) return []
  return list.flatMap((entry: unknown, at) => {
    const checked = INLINE.safeParse(entry)
    if (!checked.success) return []
    return compileRules({ assignments: [checked.data] }).faults.map(({ path, reason }) =>
      faultAt(yaml, ['rules', 'assignments', at, ...parsePath(path).slice(2)], reason),
    )
  })
}

/** psad's IGNORE_* and HOME_NET are rules too. */
function readPsad(yaml: YamlFile): Read {
  const checked = POLICY.safeParse(valueAt(yaml.value, ['policy']))
  if (!checked.success) return { settings: {}, faults: [], warnings: [] }
  const policy = policySettings(checked.data)
  if (policy.name !== 'psad') return { settings: {}, faults: [], warnings: [] }
  const settings = psadRuleSettings(policy)
  const rules = compileRules(settings).faults.map(({ path, reason }) => {
    const list = path.replace(/^ignore\./, '').replace(/\[.*$/, '')
    return faultAt(yaml, ['policy', PSAD_NAMES[list] ?? list], reason)
  })
  const thresholds = checkPsadPolicy(policy).map(({ name, reason }) =>
    faultAt(yaml, ['policy', name], reason),
  )
  return { settings, faults: [...thresholds, ...rules], warnings: [] }
}

const PSAD_NAMES: Readonly<Record<string, string>> = {
  homeNet: 'HOME_NET',
  ports: 'IGNORE_PORTS',
  protocols: 'IGNORE_PROTOCOLS',
  interfaces: 'IGNORE_INTERFACES',
  prefixes: 'IGNORE_LOG_PREFIXES',
}

function faultAt(yaml: YamlFile, path: Path, message: string): Fault {
  return { file: yaml.file, ...yaml.placeOf(path), path: printPath(path), message }
}

/** From what was written, checked or not. */
function filesOf(assignments: unknown): string[] {
  if (typeof assignments === 'string') return [assignments]
  if (!Array.isArray(assignments)) return []
  return assignments.flatMap((entry: unknown) => {
    const file = valueAt(entry, ['file'])
    return typeof file === 'string' ? [file] : []
  })
}

function inlineOf(assignments: RulesConfig['assignments']): AssignmentSettings[] {
  if (typeof assignments === 'string') return []
  return assignments.flatMap((entry) => ('file' in entry ? [] : [entry]))
}
