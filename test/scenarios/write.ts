/** Writes all scenarios of one seed as captures with a truth.json, so that the scorer reads them as it reads recorded ones. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../generate/random.ts'
import { envelopes } from './envelopes.ts'
import { harmlessReplies } from './harmless-replies.ts'
import { harmlessTraffic } from './harmless-traffic.ts'
import { type Scenario, textOf } from './scenario.ts'
import { sweeps } from './sweeps.ts'
import { verticalScans } from './vertical.ts'

export function allScenarios(seed: number): Scenario[] {
  const random = new Random(seed)
  return [verticalScans, sweeps, harmlessReplies, harmlessTraffic, envelopes].flatMap((make) => make(random))
}

export function writeScenarios(folder: string, seed: number): void {
  mkdirSync(folder, { recursive: true })
  const scenarios = allScenarios(seed)
  for (const scenario of scenarios) writeFileSync(join(folder, scenario.file), textOf(scenario))
  const rows = scenarios.map(({ file, expect, sources, labels, allow, note }) => ({
    file,
    kind: expect === 'alert' ? 'attack' : 'benign',
    sources,
    expect,
    note,
    ...(labels === undefined ? {} : { labels }),
    ...(allow === undefined ? {} : { allow }),
  }))
  writeFileSync(join(folder, 'truth.json'), `${JSON.stringify(rows, undefined, 1)}\n`)
}
