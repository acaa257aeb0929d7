/** Runs the command as a child process, as a user would, in a fixed zone and without colour. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bytesOf } from '../src/analyze/file-form.ts'

export const MAIN: string = fileURLToPath(new URL('../src/main.js', import.meta.url))

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export function picket(
  args: readonly string[],
  input: string | Buffer = '',
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], TZ: 'UTC', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin.on('error', () => undefined) // the child may end before it has read its input
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, stdout: text(stdout), stderr: text(stderr) }))
  })
}

function text(chunks: readonly Buffer[]): string {
  return chunks.map((chunk) => chunk.toString('utf8')).join('')
}

/** A folder for one test's files; the caller removes it. */
export class Folder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'picket-cli-'))

  file(name: string, content: string | Buffer): string {
    const path = join(this.path, name)
    writeFileSync(path, typeof content === 'string' ? content : bytesOf(content))
    return path
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

export interface Probe {
  /** `15:32:04` of 23 November. */
  readonly at: string
  readonly source?: string
  readonly host?: string
  readonly port: number
  readonly prefix?: string
  readonly id?: number
}

/** A line as the kernel writes it, with a BSD stamp. */
export function logLine({
  at,
  source = '203.0.113.9',
  host = '10.0.0.5',
  port,
  prefix = 'DROP ',
  id = 1000 + port,
}: Probe): string {
  const network = `SRC=${source} DST=${host} LEN=44 TOS=0x00 PREC=0x00 TTL=41 ID=${id}`
  return `Nov 23 ${at} web1 kernel: [ 1483.579943] ${prefix}IN=eth0 OUT= ${network} PROTO=TCP SPT=54609 DPT=${port} WINDOW=1024 RES=0x00 SYN URGP=0 \n`
}

/** So many ports of one host, one a second from 15:00:00. */
export function scan(ports: number, source: string = '203.0.113.9'): string {
  return Array.from({ length: ports }, (_, port) => {
    const at = `15:${String(Math.floor(port / 60)).padStart(2, '0')}:${String(port % 60).padStart(2, '0')}`
    return logLine({ at, source, port: port + 1 })
  }).join('')
}
