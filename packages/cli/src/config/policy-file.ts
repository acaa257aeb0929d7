/** `--policy FILE`: sections `policy`, `rules` and `verdicts` of a configuration, with the rules of the command line added. */
import { DEFAULT_VERDICTS } from '@picket/collector'
import type { RuleSettings } from '@picket/detector'
import { type Judging, methodFor } from '../judging.ts'
import { loadConfig } from './load.ts'
import { policySettings } from './policy-schema.ts'

export async function policyFile(file: string, added: RuleSettings): Promise<Judging> {
  const { config, rules: read } = await loadConfig(file, added)
  const settings = policySettings(config.policy)
  const { rules } = read
  return {
    policy: `${settings.name} (${file})`,
    settings,
    method: methodFor(settings, rules),
    rules,
    verdicts: { ...DEFAULT_VERDICTS, ...config.verdicts },
  }
}
