/**
 * Runs `picket run` as a child, and asks it as a user would: by the commands that go to its control socket.
 *
 * Its log is a file that the test appends to, and all that it keeps is in one folder, so a second process goes on where a killed one was.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appendScan } from './fleet/scan-lines.ts'
import { picket } from './picket.ts'
import { PICKET_MAIN } from './places.ts'
import type { ShownBans } from './responding.ts'
import { waitUntil } from './services/wait-until.ts'

export const NOBODY_ASKED = { dns: { enabled: false }, whois: { enabled: false } } as const

export function mailTo(port: number): Readonly<Record<string, unknown>> {
  const [from, to] = ['picket@example.net', ['admin@example.net']]
  return { ops: { type: 'mail', from, to, host: '127.0.0.1', port, insecure: true } }
}

export class RunProcess {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'picket-run-'))
  readonly config: string = join(this.folder, 'picket.yaml')
  readonly kernelLog: string = join(this.folder, 'kern.log')
  readonly enforcerState: string = join(this.folder, 'enforcer')
  #child: ChildProcess | undefined
  /** What stands before the program, e.g. to put it into a network namespace. */
  readonly #before: readonly string[]
  out = ''
  log = ''

  constructor(sections: Readonly<Record<string, unknown>> = {}, before: readonly string[] = []) {
    this.#before = before
    writeFileSync(this.kernelLog, '')
    this.configure(sections)
  }

  configure(sections: Readonly<Record<string, unknown>>): void {
    const { enforcer, ...others } = sections as { enforcer?: object }
    const settings = {
      sources: [{ type: 'file', path: this.kernelLog, from: 'start' }],
      timeZone: 'UTC',
      state: join(this.folder, 'state'),
      alerts: { format: 'json' },
      log: { format: 'json' },
      metrics: { enabled: false },
      enrichment: NOBODY_ASKED,
      enforcer: { state: this.enforcerState, firewall: 'dry-run', heartbeatSeconds: 1, ...enforcer },
      ...others,
    }
    // JSON is YAML
    writeFileSync(this.config, JSON.stringify(settings))
  }

  start(failpoint = ''): this {
    const command = [...this.#before, process.execPath, PICKET_MAIN, 'run', '--config', this.config]
    const child = spawn(command[0] ?? '', command.slice(1), {
      env: { ...process.env, TZ: 'UTC', PICKET_FAILPOINT: failpoint },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log += text
    })
    return this
  }

  async started(failpoint = ''): Promise<this> {
    this.log = ''
    this.start(failpoint)
    await this.until(() => this.log.includes('guards this host'), 'the guard to start')
    return this
  }

  async until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
    await waitUntil(
      () => {
        if (this.#child?.exitCode !== null) throw new Error(`${what}: it has ended\n${this.log}`)
        return isTrue()
      },
      () => `${what}; it logged:\n${this.log}`,
    )
  }

  /** So many SYNs of one source, to as many ports of one host, as logged just now. */
  scan(src: string, ports = 120, dst = '10.77.0.17'): void {
    appendScan(
      this.kernelLog,
      Array.from({ length: ports }, (_, port) => ({ src, dst, dpt: 1 + port })),
    )
  }

  /** What the command said on standard output. */
  async ask(...args: readonly string[]): Promise<string> {
    const ended = await picket([...args, '--config', this.config])
    if (ended.status !== 0) throw new Error(`${ended.stdout}${ended.stderr}\n${this.log}`)
    return ended.stdout
  }

  async bans(): Promise<ShownBans> {
    return JSON.parse(await this.ask('bans', '--json')) as ShownBans
  }

  /** Ids of the alerts that were printed. */
  get alerts(): readonly string[] {
    const lines = this.out.split('\n').slice(0, -1)
    return lines.map((line) => (JSON.parse(line) as { alert: string }).alert)
  }

  hangUp(): void {
    this.#child?.kill('SIGHUP')
  }

  /** Resolves with the signal that ended it, whoever sent it. */
  async ended(): Promise<NodeJS.Signals | null> {
    const child = this.#child
    if (child === undefined) return null
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return child.signalCode
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.ended()
  }

  /** Gives its exit status. */
  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM')
    await this.ended()
    return this.#child?.exitCode ?? null
  }

  async end(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
