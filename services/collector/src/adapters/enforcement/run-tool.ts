/**
 * Runs a firewall's tool: no shell, a fixed list of arguments, what varies on standard input.
 *
 * It never throws: a tool that is missing, hangs or refuses is an answer, with what it said.
 */
import { spawn } from 'node:child_process'
import { safeText } from '@picket/schemas'

export interface ToolAnswer {
  readonly ok: boolean
  readonly stdout: string
  /** Why not, in one line. */
  readonly why: string
}

export interface Tool {
  run(command: readonly string[], input?: string): Promise<ToolAnswer>
}

export interface ToolOptions {
  /** Stands before each command, e.g. `ip netns exec NAME`. */
  readonly through?: readonly string[]
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 30_000
const WHY_LENGTH = 300
/** Not the caller's: nobody else decides which `nft` we run as root. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } as const

export function makeTool({ through = [], timeoutMs = TIMEOUT_MS }: ToolOptions = {}): Tool {
  return { run: (command, input = '') => runOne([...through, ...command], input, timeoutMs) }
}

function runOne(command: readonly string[], input: string, timeoutMs: number): Promise<ToolAnswer> {
  const [file = '', ...args] = command
  return new Promise((resolve) => {
    const child = spawn(file, args, { env: ENVIRONMENT, timeout: timeoutMs, killSignal: 'SIGKILL' })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    // It may end without reading all of its input; its status says enough.
    child.stdin.on('error', () => undefined)
    child.on('error', (error) => resolve({ ok: false, stdout: '', why: safeText(error.message, WHY_LENGTH) }))
    child.on('close', (status, signal) => {
      const stdout = textOf(out)
      if (status === 0) resolve({ ok: true, stdout, why: '' })
      else resolve({ ok: false, stdout, why: whyOf(file, textOf(err), status, signal, timeoutMs) })
    })
    child.stdin.end(input)
  })
}

function textOf(chunks: readonly Buffer[]): string {
  return chunks.map((chunk) => chunk.toString('utf8')).join('')
}

function whyOf(
  file: string,
  stderr: string,
  status: number | null,
  signal: NodeJS.Signals | null,
  timeoutMs: number,
): string {
  if (signal === 'SIGKILL') return `${file} did not end within ${timeoutMs / 1_000} s`
  const said = stderr.split('\n').find((line) => line.trim() !== '') ?? ''
  return safeText(`${file}: ${said === '' ? `status ${status ?? signal}` : said}`, WHY_LENGTH)
}
