/**
 * Runs `picket run` as a child with a state folder of its own, and keeps what it prints with the moment it came.
 *
 * It is ready when its control socket is there. It must be stopped by `stop()`, which ends this child only.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PICKET_MAIN } from './places.ts'

export interface AlertLine {
  /** performance.now() at which the line was read. */
  readonly at: number
  readonly incident: {
    readonly source: string | null
    readonly level: number
    readonly kinds: readonly string[]
  }
}

const READY_MS = 10_000

export class Guard {
  readonly folder: string
  readonly alerts: AlertLine[] = []
  #child: ChildProcess | undefined
  #log = ''

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'picket-guard-'))
  }

  async start(sources: readonly object[]): Promise<void> {
    const config = join(this.folder, 'picket.yaml')
    const settings = {
      sources,
      timeZone: 'UTC',
      state: join(this.folder, 'state'),
      alerts: { format: 'json' },
      metrics: { enabled: false },
    }
    // JSON is YAML
    writeFileSync(config, JSON.stringify(settings))
    const child = spawn(process.execPath, [PICKET_MAIN, 'run', '--config', config], {
      env: { ...process.env, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (line) => this.#keep(line))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
    })
    await this.until(
      () => existsSync(join(this.folder, 'state', 'control.sock')),
      READY_MS,
      'its control socket',
    )
  }

  /** Waits for a condition; tells what the guard logged when it does not come. */
  async until(condition: () => boolean, deadlineMs: number, what: string): Promise<void> {
    const end = performance.now() + deadlineMs
    while (!condition()) {
      if (performance.now() > end || this.#hasEnded()) {
        throw new Error(`picket run: ${what} did not come within ${deadlineMs} ms; it logged:\n${this.#log}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Ends it as systemd does, and gives its exit status. */
  async stop(): Promise<number | null> {
    const child = this.#child
    if (child === undefined) return null
    if (!this.#hasEnded()) {
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGTERM')
      await ended
    }
    rmSync(this.folder, { recursive: true, force: true })
    return child.exitCode
  }

  #hasEnded(): boolean {
    return this.#child !== undefined && (this.#child.exitCode !== null || this.#child.signalCode !== null)
  }

  #keep(line: string): void {
    const alert = JSON.parse(line) as { incident: AlertLine['incident'] }
    this.alerts.push({ at: performance.now(), incident: alert.incident })
  }
}
