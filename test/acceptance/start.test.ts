/** How fast the command is there: what a person waits for before anything happens. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { picket } from '../picket.ts'
import { TRACES } from '../places.ts'

const RUNS = 10

/** The best of some runs, as far as one is needed: what the machine does besides only makes a run slower. */
async function assertWithin(limitMs: number, args: readonly string[]): Promise<void> {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < RUNS && best >= limitMs; run++) {
    const start = performance.now()
    const { status, stderr } = await picket(args)
    best = Math.min(best, performance.now() - start)
    assert.equal(status, 0, stderr)
  }
  assert.ok(best < limitMs, `${best.toFixed(0)} ms`)
}

test('--help answers in under 0.2 s', async () => {
  await assertWithin(200, ['--help'])
})

test('a file of 1,000 lines is judged in under 0.4 s', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'picket-start-'))
  try {
    const file = join(folder, 'thousand.log')
    const lines = readFileSync(join(TRACES, 'nmap-syn-1000.log'), 'utf8').split('\n').slice(0, 1000)
    writeFileSync(file, `${lines.join('\n')}\n`)
    await assertWithin(400, ['analyze', file])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
