/** The report and the parser's output for every trace, field by field. A wanted change is taken over by `npm run golden`. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { goldenCases, goldenPath, outputOf } from './cases.ts'

for (const golden of goldenCases()) {
  test(`${golden.command[0]} of ${golden.trace} says what its golden file says`, async () => {
    const expected: unknown = JSON.parse(readFileSync(goldenPath(golden), 'utf8'))
    assert.deepEqual(JSON.parse(await outputOf(golden)), expected)
  })
}
