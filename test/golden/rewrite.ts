/** `npm run golden`: writes the golden files anew. The difference is to be read like code before it is committed. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GOLDEN } from '../places.ts'
import { goldenCases, goldenPath, outputOf } from './cases.ts'

const cases = goldenCases()
let changed = 0
for (const golden of cases) {
  const output = await outputOf(golden)
  if (output === held(goldenPath(golden))) continue
  writeFileSync(goldenPath(golden), output)
  changed++
  console.log(golden.name)
}
const names = new Set(cases.map(({ name }) => name))
const left = readdirSync(GOLDEN).filter((name) => name.endsWith('.json') && !names.has(name))
for (const name of left) rmSync(join(GOLDEN, name))
console.log(`${changed} of ${cases.length} golden files changed, ${left.length} removed`)

function held(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
