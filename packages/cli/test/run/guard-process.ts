/**
 * A guard as a process of its own, for tests: its settings are JSON in the first argument, or in the file
 * that the argument names after an `@` (which is read again on SIGHUP).
 */
import { readFileSync } from 'node:fs'
import { compileRules, PICKET_POLICY, PicketMethod } from '@picket/detector'
import { WrongUse } from '../../src/failures.ts'
import { runGuard } from '../../src/run/guard.ts'
import type { RunSettings } from '../../src/run/settings.ts'

export type PlainSettings = Omit<RunSettings, 'policy' | 'rules'> & { readonly allow?: readonly string[] }

const argument = process.argv[2] ?? ''

function settings(): RunSettings {
  const text = argument.startsWith('@') ? readFileSync(argument.slice(1), 'utf8') : argument
  const { allow = [], ...plain } = JSON.parse(text) as PlainSettings
  const { rules, faults } = compileRules({ allow })
  if (faults.length > 0) throw new WrongUse(JSON.stringify(faults))
  return { ...plain, policy: new PicketMethod(PICKET_POLICY), rules }
}

try {
  process.exitCode = await runGuard(settings(), { reload: async () => settings() })
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`)
  process.exitCode = error instanceof WrongUse ? 2 : 70
}
