/**
 * `picket run`: from the configuration to a running guard. The run itself is in ../run.
 */

import { safeText } from '@picket/schemas'
import type { RunFlags } from '../commands/run.ts'
import { findConfig, loadConfig } from '../config/load.ts'
import { runSettings } from '../config/run-settings.ts'
import { runGuard } from '../run/guard.ts'
import type { RunSettings } from '../run/settings.ts'

export async function runRun(flags: RunFlags): Promise<number> {
  const read = async (): Promise<RunSettings> => {
    const loaded = await loadConfig(findConfig(flags.config, process.env))
    for (const warning of loaded.rules.warnings) process.stderr.write(`picket: ${safeText(warning)}\n`)
    return runSettings(loaded)
  }
  return runGuard(await read(), { reload: read })
}
