/**
 * A process of the fleet, started by the command as a user would: `picket detector --config F` and the like.
 *
 * It is ready when /readyz says so. It can be killed, hung and started again; `stop()` ends it as systemd does.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PICKET_MAIN } from '../places.ts'
import { waitUntil } from '../services/wait-until.ts'

export interface FleetCommand {
  readonly service: 'collector' | 'detector' | 'responder' | 'enforcer' | 'run'
  /** What brokers know it by. */
  readonly name: string
  /** The process's own: configuration and log lie there. */
  readonly folder: string
  readonly config: object
  /** Of its metrics server, after the service's own offset was added. */
  readonly port: number
  readonly env?: Readonly<Record<string, string>>
  /** What the command is put behind, e.g. `ip netns exec NAME`; its metrics server is out of reach then. */
  readonly through?: readonly string[]
}

export class FleetProcess {
  readonly command: FleetCommand
  #child: ChildProcess | undefined
  #closed: Promise<void> = Promise.resolve()
  #hasClosed = false

  constructor(command: FleetCommand) {
    this.command = command
  }

  get pid(): number {
    return this.#child?.pid ?? -1
  }

  get isRunning(): boolean {
    const child = this.#child
    return child !== undefined && !this.#hasClosed
  }

  get exit(): { readonly code: number | null; readonly signal: string | null } {
    return { code: this.#child?.exitCode ?? null, signal: this.#child?.signalCode ?? null }
  }

  start(env: Readonly<Record<string, string>> = {}): void {
    const { service, folder, config, through = [] } = this.command
    const file = join(folder, 'picket.yaml')
    // JSON is YAML
    writeFileSync(file, JSON.stringify(config))
    const flags = (process.env['PICKET_NODE_FLAGS'] ?? '').split(' ').filter(Boolean)
    const node = ['setpriv', '--pdeathsig', 'KILL', process.execPath, ...flags]
    const [command = '', ...args] = [...through, ...node, PICKET_MAIN, service, '--config', file]
    const child = spawn(command, args, {
      env: { ...process.env, ...this.command.env, ...env, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const [stream, name] of [
      [child.stdout, 'out'],
      [child.stderr, 'log'],
    ] as const) {
      stream
        .setEncoding('utf8')
        .on('data', (text: string) => writeFileSync(join(folder, name), text, { flag: 'a' }))
    }
    this.#child = child
    this.#hasClosed = false
    // Not 'exit', which may come before the last of what it has printed.
    this.#closed = new Promise((resolve) =>
      child.once('close', () => {
        if (this.#child === child) this.#hasClosed = true
        resolve()
      }),
    )
  }

  async ready(): Promise<void> {
    await waitUntil(
      async () => {
        if (!this.isRunning) throw new Error(`${this.command.service} has ended; it said:\n${this.log()}`)
        return (await this.get('/readyz'))?.ok === true
      },
      () => `${this.command.service} to be ready; it said:\n${this.log()}`,
    )
  }

  get(path: string): Promise<Response | undefined> {
    return fetch(`http://127.0.0.1:${this.command.port}${path}`).catch(() => undefined)
  }

  /** A number that it exposes, summed over labels; or over those that hold `label`, e.g. `reason="fenced"`. */
  async metric(name: string, label = ''): Promise<number> {
    const text = (await (await this.get('/metrics'))?.text()) ?? ''
    const lines = text
      .split('\n')
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .filter((line) => line.includes(label))
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  }

  /** The end of what all its lives have logged. */
  log(): string {
    return this.#read('log').slice(-8_000)
  }

  /** All that its lives have logged. */
  wholeLog(): string {
    return this.#read('log')
  }

  /** All that its lives have printed for others to read. */
  out(): string {
    return this.#read('out')
  }

  #read(name: string): string {
    try {
      return readFileSync(join(this.command.folder, name), 'utf8')
    } catch {
      return ''
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<number | null> {
    await this.#end('SIGTERM')
    return this.exit.code
  }

  /** As a debugger, or a machine that sleeps, would. */
  get isStopped(): boolean {
    return readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]?.startsWith('T') === true
  }

  /** Resolves when it has ended, and all that it printed is here. */
  ended(): Promise<void> {
    return this.#closed
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const ended = this.ended()
    this.signal('SIGCONT')
    this.signal(signal)
    await ended
  }
}
