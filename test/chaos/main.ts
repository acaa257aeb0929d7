/**
 * Plays faults again: `npm run chaos -- --seed N [--fault F13] [--minutes M]`, and `npm run chaos:all` for all of them at length.
 *
 * Without --fault it is F45, the mixture of all faults. The last thing it prints is a table for docs/reliability.md.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const HERE = dirname(fileURLToPath(import.meta.url))
const REPORTER = join(HERE, '..', '..', '..', 'scripts', 'chaos-table.mjs')

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    fault: { type: 'string' },
    minutes: { type: 'string' },
    all: { type: 'boolean', default: false },
  },
})

const fault = values.fault ?? 'F45'
/** Each file starts what it needs even where none of its tests is wanted. */
const files = readdirSync(HERE)
  .filter((name) => name.endsWith('.test.js'))
  .map((name) => join(HERE, name))
  .filter((file) => values.all || readFileSync(file, 'utf8').includes(`${fault} `))
const pattern = values.all ? [] : ['--test-name-pattern', `^${fault} `]
const child = spawn(
  process.execPath,
  [
    // mostly they wait
    ...['--enable-source-maps', '--test', '--test-concurrency=2', ...pattern],
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${REPORTER}`, '--test-reporter-destination=stdout'],
    ...files,
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      PICKET_CHAOS: 'all',
      ...(values.seed === undefined ? {} : { PICKET_CHAOS_SEED: values.seed }),
      ...(values.minutes === undefined ? {} : { PICKET_CHAOS_MINUTES: values.minutes }),
    },
  },
)
child.once('exit', (code) => {
  process.exitCode = code ?? 1
})
