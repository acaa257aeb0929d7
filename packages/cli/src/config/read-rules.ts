/**
 * Read rules: section `rules`, with what policy psad and the command line add, turned into what the
 * detector looks packets up in.
 *
 * The detector's compiler checks networks, ports and expressions; its faults are moved to where the
 * text was written: it numbers inline assignments by themselves, and psad's settings have other names.
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
import { mergeRules } from '../rule-settings.ts'
import { readAutoDl } from './auto-dl-file.ts'
import { type Fault, type Path, parsePath, printPath } from './fault.ts'
import { valueAt } from './issues.ts'
import { POLICY, policySettings } from './policy-schema.ts'
import { RULES, type RulesConfig } from './rules-schema.ts'
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

/** Faults of the section's shape are told by the schema of the whole file; then there is nothing to compile. */
async function readSection(yaml: YamlFile): Promise<Read> {
  const checked = RULES.safeParse(valueAt(yaml.value, ['rules']))
  if (!checked.success) return { settings: {}, faults: [], warnings: [] }
  const { homeNet, allow, ignore, assignments } = checked.data
  const autoDl = await readAutoDl(filesOf(assignments).map((file) => resolve(dirname(yaml.file), file)))
  const inline = inlineOf(assignments)
  const settings = { homeNet, allow, ignore, assignments: inline.settings, autoDl: autoDl.assignments }
  const faults = compileRules(settings).faults.map(({ path, reason }) =>
    faultAt(yaml, ['rules', ...inline.place(parsePath(path))], reason),
  )
  return { settings, faults: [...faults, ...autoDl.faults], warnings: autoDl.warnings }
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

function filesOf(assignments: RulesConfig['assignments']): string[] {
  if (typeof assignments === 'string') return [assignments]
  return assignments.flatMap((entry) => ('file' in entry ? [entry.file] : []))
}

/** The entries that stand in the list itself; `place` finds an entry's number in the list that was written. */
function inlineOf(assignments: RulesConfig['assignments']): {
  readonly settings: readonly AssignmentSettings[]
  readonly place: (path: Path) => Path
} {
  const written = typeof assignments === 'string' ? [] : assignments
  const numbered = written.flatMap((entry, at) => ('file' in entry ? [] : [{ entry, at }]))
  return {
    settings: numbered.map(({ entry }) => entry),
    place: (path) => {
      if (path[0] !== 'assignments' || typeof path[1] !== 'number') return path
      return ['assignments', numbered[path[1]]?.at ?? path[1], ...path.slice(2)]
    },
  }
}
