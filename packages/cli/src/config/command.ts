/**
 * `picket config check|show|schema`.
 */

import { safeText } from '@picket/schemas'
import type { ConfigFlags } from '../commands/config.ts'
import { EXIT } from '../failures.ts'
import { ConfigRefused, printPath } from './fault.ts'
import { findConfig, loadConfig } from './load.ts'
import { jsonSchema } from './outline.ts'
import { effectiveValues, printEffective } from './show.ts'

export async function checkConfig(flags: ConfigFlags): Promise<number> {
  const file = findConfig(flags.config, process.env)
  try {
    const { rules } = await loadConfig(file)
    for (const warning of rules.warnings) process.stderr.write(`picket: ${safeText(warning)}\n`)
    if (flags.json === true) printJson({ file: file ?? null, faults: [], warnings: rules.warnings })
    else process.stdout.write(`${safeText(file ?? 'no file: the defaults hold')}: well\n`)
    return EXIT.well
  } catch (error) {
    if (!(error instanceof ConfigRefused) || flags.json !== true) throw error
    printJson({ file: file ?? null, faults: error.faults, warnings: [] })
    return EXIT.wrongUse
  }
}

export async function showConfig(flags: ConfigFlags): Promise<void> {
  const { yaml } = await loadConfig(findConfig(flags.config, process.env))
  const values = effectiveValues(yaml)
  if (flags.json === true) {
    printJson(values.map(({ path, value, from }) => ({ path: printPath(path), value, from })))
    return
  }
  process.stdout.write(printEffective(values))
}

export function printSchema(): void {
  printJson(jsonSchema())
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
