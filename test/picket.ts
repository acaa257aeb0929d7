/**
 * Runs the `picket` command as a child process, as a user would, and reads what it printed.
 *
 * The clock's zone is fixed to UTC, because BSD stamps have none and a golden file must not depend
 * on the machine. Standard error is kept apart: data is on standard output only.
 */
import { spawn } from 'node:child_process'
import { PICKET_MAIN } from './places.ts'

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What the tests read of `analyze --json`; the whole document is DESIGN section 7. */
export interface Found {
  readonly source: string | null
  readonly prefix: string
  readonly members: readonly string[]
  readonly kinds: readonly string[]
  readonly level: number
  readonly packets: number
  readonly contacts: number
  readonly hosts: readonly string[]
  readonly hostCount: number
  readonly ports: Readonly<Record<string, string>>
  readonly portCount: number
  readonly protocols: readonly number[]
  readonly techniques: readonly string[]
  readonly firstSeen: string
  readonly lastSeen: string
  readonly bannable: boolean
  readonly reasons: readonly string[]
}

export interface Analysis {
  readonly lines: number
  readonly packets: number
  readonly unparsed: number
  readonly ignored: number
  readonly incidents: readonly Found[]
  readonly observed: Readonly<Record<string, number>>
}

/** Exit status 1 means findings, where the command says so; all else but 0 is a failure of the command. */
const WELL: readonly (number | null)[] = [0, 1]

export interface Start {
  readonly input?: string
  readonly folder?: string
}

export function picket(args: readonly string[], start: Start = {}): Promise<Ended> {
  const child = spawn(process.execPath, [PICKET_MAIN, ...args], {
    cwd: start.folder,
    env: { ...process.env, TZ: 'UTC', NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.stdin.on('error', () => undefined) // the child may end before it has read its input
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, stdout, stderr }))
    child.stdin.end(start.input ?? '')
  })
}

export async function analyze(args: readonly string[], start: Start = {}): Promise<Analysis> {
  const ended = await picket(['analyze', '--json', ...args], start)
  if (!WELL.includes(ended.status)) {
    throw new Error(`picket analyze ${args.join(' ')} ended with ${ended.status}: ${ended.stderr.trim()}`)
  }
  return JSON.parse(ended.stdout) as Analysis
}
