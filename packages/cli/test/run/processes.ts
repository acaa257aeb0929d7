/**
 * Guards as real processes: started, asked, killed, and what they printed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { askStatus } from '../../src/run/ask-status.ts'
import type { StatusDocument } from '../../src/run/status.ts'
import type { PlainSettings } from './guard-process.ts'

const PROGRAM = fileURLToPath(new URL('./guard-process.js', import.meta.url))

export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'picket-run-'))

export const plainSettings = (folder: string, more: Partial<PlainSettings> = {}): PlainSettings => ({
  sources: [{ type: 'file', name: 'kern', path: join(folder, 'kern.log'), from: 'start' }],
  memory: { sources: 10_000 },
  zone: 'UTC',
  state: join(folder, 'state'),
  alerts: { stdout: true, format: 'json', syslog: false },
  log: { level: 'info', format: 'json' },
  ...more,
})

export interface ToldAlert {
  readonly alert: string
  readonly revision: number
  readonly incident: { readonly id: string; readonly source: string; readonly level: number }
}

export class GuardProcess {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  readonly settings: PlainSettings
  out = ''
  log = ''

  constructor(settings: PlainSettings, file?: string) {
    this.settings = settings
    if (file !== undefined) writeFileSync(file, JSON.stringify(settings))
    const argument = file === undefined ? JSON.stringify(settings) : `@${file}`
    this.child = spawn(process.execPath, ['--enable-source-maps', PROGRAM, argument], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log += text
    })
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve(code)))
  }

  get alerts(): ToldAlert[] {
    const whole = this.out.slice(0, this.out.lastIndexOf('\n') + 1)
    return whole
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ToldAlert)
  }

  async started(): Promise<this> {
    await this.until(() => this.log.includes('guards this host'), 'it to start')
    return this
  }

  async until(isTrue: () => boolean | Promise<boolean>, what: string, deadlineMs = 60_000): Promise<void> {
    const deadline = performance.now() + deadlineMs
    while (!(await isTrue())) {
      if (performance.now() > deadline || this.child.exitCode !== null) {
        this.child.kill('SIGKILL')
        throw new Error(`waited for ${what}; exit ${this.child.exitCode}\n${this.log}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  status(source?: string): Promise<StatusDocument> {
    return askStatus(this.settings.control ?? `${this.settings.state}/control.sock`, { source })
  }

  /** The status once so many lines are judged. */
  async statusAt(lines: number): Promise<StatusDocument> {
    let status = await this.status()
    await this.until(async () => {
      status = await this.status()
      return status.lines >= lines
    }, `${lines} lines`).catch((error: Error) => {
      throw new Error(`${status.lines} of ${error.message}`)
    })
    return status
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    return this.ended
  }
}
