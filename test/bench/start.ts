/**
 * `npm run bench:start`: what a person waits for before anything happens, beside a Node that does nothing.
 *
 * The best of some runs: what the machine does besides only makes a run slower.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PICKET_MAIN, TRACES } from '../places.ts'
import { plainEnvironment, report } from './measure.ts'

const RUNS = 10
const LINES = 1_000

function bestSeconds(args: readonly string[]): number {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now()
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore', env: plainEnvironment() })
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`)
    best = Math.min(best, (performance.now() - began) / 1_000)
  }
  return best
}

const folder = mkdtempSync(join(tmpdir(), 'picket-start-'))
try {
  const file = join(folder, 'thousand.log')
  const lines = readFileSync(join(TRACES, 'nmap-syn-1000.log'), 'utf8').split('\n').slice(0, LINES)
  writeFileSync(file, `${lines.join('\n')}\n`)
  const nothing = bestSeconds(['-e', '0'])
  for (const [what, args] of [
    ['help', ['--help']],
    ['analyze', ['analyze', file]],
  ] as const) {
    const seconds = bestSeconds([PICKET_MAIN, ...args])
    report(`start-${what}`, { seconds, ratio: seconds / nothing, meaning: 'to a Node that does nothing' })
  }
} finally {
  rmSync(folder, { recursive: true })
}
