/** Runs one psad case through the command: a log, settings under psad's names, an auto_dl file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Analysis, analyze, type Found } from '../picket.ts'

export interface Settings {
  /** As they stand in psad.conf; Y and N are YAML's true and false. */
  readonly conf?: Readonly<Record<string, string | number | boolean | readonly string[]>>
  /** Lines of an auto_dl file. */
  readonly autoDl?: readonly string[]
}

export async function underPsad(lines: string, settings: Settings = {}): Promise<Analysis> {
  const folder = mkdtempSync(join(tmpdir(), 'picket-psad-'))
  try {
    const log = join(folder, 'messages')
    writeFileSync(log, lines)
    const args = [log, '--tz', 'UTC']
    if (settings.autoDl !== undefined) {
      const file = join(folder, 'auto_dl')
      writeFileSync(file, settings.autoDl.map((line) => `${line}\n`).join(''))
      args.push('--assign', file)
    }
    return await analyze([...args, '--policy', policyFile(folder, settings)])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function policyFile(folder: string, { conf }: Settings): string {
  if (conf === undefined) return 'psad'
  const file = join(folder, 'policy.yaml')
  const thresholds = Object.entries(conf).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`)
  writeFileSync(file, `policy:\n  name: psad\n${thresholds.join('')}`)
  return file
}

/** The one incident of a source; none is undefined, two are an error of the test. */
export function incidentOf(analysis: Analysis, source: string): Found | undefined {
  const found = analysis.incidents.filter((incident) => incident.source === source)
  if (found.length > 1) throw new Error(`${source} has ${found.length} incidents`)
  return found[0]
}
