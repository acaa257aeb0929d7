/**
 * Load: from a configuration file to checked values, or all faults at once.
 *
 * No file at the default place is no fault: every key has a default. A file that was named must exist.
 */
import { existsSync } from 'node:fs'
import type { RuleSettings } from '@picket/detector'
import { withExternalScript } from './decisions-schema.ts'
import { ConfigRefused, type Fault } from './fault.ts'
import { faultsOf } from './issues.ts'
import { type ReadRules, readRules } from './read-rules.ts'
import { CONFIG, type Config } from './schema.ts'
import { parseYaml, readYaml, type YamlFile } from './yaml-file.ts'

export const DEFAULT_FILE = '/etc/picket/picket.yaml'

export interface Loaded {
  /** Undefined when there is none and the defaults hold. */
  readonly file: string | undefined
  readonly yaml: YamlFile
  readonly config: Config
  readonly rules: ReadRules
}

/** The file to read: --config, else $PICKET_CONFIG, else the default place if something is there. */
export function findConfig(named: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const wanted = named ?? env['PICKET_CONFIG']
  if (wanted !== undefined && wanted !== '') return wanted
  return existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined
}

/** `added` are rules of the command line, on top of the file's. */
export async function loadConfig(file: string | undefined, added: RuleSettings = {}): Promise<Loaded> {
  const yaml = file === undefined ? parseYaml('', '(defaults)') : readYaml(file)
  if (yaml.faults.length > 0) throw new ConfigRefused(yaml.faults)
  const checked = CONFIG.safeParse(yaml.value)
  const faults: Fault[] = checked.success ? [] : faultsOf(checked.error.issues, yaml)
  const rules = await readRules(yaml, added)
  const all = [...faults, ...rules.faults].sort(inOrder)
  if (all.length > 0 || !checked.success) throw new ConfigRefused(all)
  return { file, yaml, config: withExternalScript(checked.data), rules }
}

/** The configuration's own faults in the order of its lines, then those of files that it names. */
function inOrder(a: Fault, b: Fault): number {
  if (a.file !== b.file) return Number(a.path === '') - Number(b.path === '')
  return a.line - b.line || a.column - b.column
}
