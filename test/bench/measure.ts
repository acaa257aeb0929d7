/**
 * Runs a program as a child and measures it from outside: CPU seconds, wall seconds, peak memory.
 *
 * CPU time is bash's `time` for every program alike (user and system, all threads, children included), because the programs compared
 * are in different languages. Peak memory comes from the process itself and only where it runs on Node.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Measured {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  /** NaN for programs that do not run on Node. */
  readonly peakRssMb: number
}

const PRELOAD = fileURLToPath(new URL('./peak-memory.js', import.meta.url))

/** `flags` are Node's own. */
export function measureNode(
  script: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Measured {
  return measure([process.execPath, ...flags, '--import', PRELOAD, script, ...args])
}

/** What of our own environment would be measured: with more certificates Node reads all that it has before it starts, 30 ms. */
const NOT_OURS = ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS'] as const

export function plainEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, TZ: 'UTC', LC_ALL: 'C' }
  for (const name of NOT_OURS) delete environment[name]
  return environment
}

export function measure(command: readonly string[]): Measured {
  const folder = mkdtempSync(join(tmpdir(), 'picket-measure-'))
  const peak = join(folder, 'peak')
  try {
    const timed = `TIMEFORMAT='%U %S %R'; time "$@" >/dev/null 2>"${join(folder, 'stderr')}"`
    const child = spawnSync('bash', ['-c', timed, 'bash', ...command], {
      encoding: 'utf8',
      env: { ...plainEnvironment(), PICKET_PEAK_FILE: peak },
    })
    if (child.status !== 0 && child.status !== 1) {
      throw new Error(
        `${command.join(' ')} ended with ${child.status}: ${readFileSync(join(folder, 'stderr'), 'utf8')}`,
      )
    }
    const [user = 0, system = 0, wall = 0] = child.stderr.trim().split(/\s+/).map(Number)
    return { cpuSeconds: user + system, wallSeconds: wall, peakRssMb: peakOf(peak) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function peakOf(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8')) / 1024
  } catch {
    return Number.NaN
  }
}

/** One JSON line on standard output, numbers to three digits. */
export function report(bench: string, figures: Readonly<Record<string, number | string>>): void {
  const short = Object.entries(figures).map(([name, value]) => [
    name,
    typeof value === 'number' ? Number(value.toPrecision(value >= 1000 ? 7 : 3)) : value,
  ])
  console.log(JSON.stringify({ bench, ...Object.fromEntries(short) }))
}
