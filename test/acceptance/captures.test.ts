/** Every recorded capture and every made scenario gets what its label says. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { TRACES } from '../places.ts'
import { writeScenarios } from '../scenarios/write.ts'
import { type Score, scoreFolder } from '../score/score.ts'

function failures(score: Score): string[] {
  return score.files
    .filter(({ verdict }) => verdict !== 'ok' && verdict !== 'later')
    .map(
      ({ file, verdict, missed, wrong, split }) =>
        `${file}: ${verdict} ${[...missed, ...wrong, ...split].join(' ')}`,
    )
}

test('every source of the recorded captures that deserves an incident has exactly one, and nobody else has any', async () => {
  const score = await scoreFolder(TRACES, 'picket')
  assert.deepEqual(failures(score), [])
  assert.deepEqual([score.recall, score.precision, score.incidentsPerAttacker], [1, 1, 1])
})

for (const seed of [1, 2]) {
  test(`the same holds for scans and harmless traffic with other parameters (seed ${seed})`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'picket-scenarios-'))
    try {
      writeScenarios(folder, seed)
      assert.deepEqual(failures(await scoreFolder(folder, 'picket')), [])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}
