/**
 * The policy and the rules that the command line asks for.
 *
 * A policy file brings the rules of its section; what stands on the command line is added. Only then
 * are the libraries for configuration files loaded.
 */
import { DEFAULT_VERDICTS } from '@picket/collector'
import {
  type Assignment,
  compileRules,
  PICKET_POLICY,
  PSAD_POLICY,
  type RuleSettings,
  type Rules,
} from '@picket/detector'
import { parsePrefix, protocolNumber, safeText } from '@picket/schemas'
import type { RuleFlags } from '../commands/options.ts'
import { WrongUse } from '../failures.ts'
import { type Judging, methodFor, type PolicySettings } from '../judging.ts'

export async function judgingOf(flags: RuleFlags): Promise<Judging> {
  const given: RuleSettings = {
    allow: flags.allow,
    homeNet: flags.homeNet,
    ignore: ignoreSettings(flags.ignore),
    ...(flags.assign.length > 0 ? { autoDl: await autoDlOf(flags.assign) } : {}),
  }
  const rules = compiled(given)
  if (flags.policy === 'picket' || flags.policy === 'psad') {
    const settings: PolicySettings =
      flags.policy === 'psad' ? { name: 'psad', ...PSAD_POLICY } : { name: 'picket', ...PICKET_POLICY }
    return {
      policy: flags.policy,
      settings,
      method: methodFor(settings, rules),
      rules,
      verdicts: DEFAULT_VERDICTS,
    }
  }
  const { policyFile } = await import('../config/policy-file.ts')
  return policyFile(flags.policy, given)
}

/** Faults of the flags themselves: the path's first word is the flag. */
function compiled(settings: RuleSettings): Rules {
  const { rules, faults } = compileRules(settings)
  if (faults.length > 0)
    throw new WrongUse(faults.map(({ path, reason }) => `${flagOf(path)}: ${reason}`).join('\n'))
  return rules
}

function flagOf(path: string): string {
  if (path.startsWith('homeNet')) return '--home-net'
  return `--${/^[a-z]+/.exec(path)?.[0] ?? path}`
}

async function autoDlOf(files: readonly string[]): Promise<readonly Assignment[]> {
  const { readAutoDl } = await import('../config/auto-dl-file.ts')
  const { assignments, faults, warnings } = await readAutoDl(files)
  if (faults.length > 0) {
    throw new WrongUse(faults.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'))
  }
  for (const warning of warnings) process.stderr.write(`picket: ${safeText(warning)}\n`)
  return assignments
}

/** `--ignore` takes all that can be told apart by its form; `prefix:` marks the one that cannot. */
export function ignoreSettings(given: readonly string[]): NonNullable<RuleSettings['ignore']> {
  const sorted = { ports: [], protocols: [], interfaces: [], prefixes: [], sources: [] } as Record<
    'ports' | 'protocols' | 'interfaces' | 'prefixes' | 'sources',
    string[]
  >
  for (const text of given) {
    if (text.startsWith('prefix:')) sorted.prefixes.push(text.slice('prefix:'.length))
    else if (parsePrefix(text) !== undefined) sorted.sources.push(text)
    else if (text.includes('/')) sorted.ports.push(text)
    else if (protocolNumber(text) >= 0) sorted.protocols.push(text)
    else sorted.interfaces.push(text)
  }
  return sorted
}
