/**
 * A process that `picket dev` owns: a server or a service of the fleet, in a session of its own, so that Ctrl-C at the terminal ends it
 * in our order and not in its own.
 *
 * It dies with us, however we end (the kernel sends SIGKILL: PR_SET_PDEATHSIG). What it prints goes to a file, never to a pipe: a full
 * pipe would hang it. Only the alerts are read.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { EXIT, WrongUse } from '../failures.ts'

export interface LocalCommand {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly folder: string
  /** Where it prints to; what was there is replaced. */
  readonly log: string
  /** Its standard output is ours to read. */
  readonly isRead?: boolean
  readonly isReady: (log: string) => boolean | Promise<boolean>
}

const EACH_MS = 50
/** A machine that is busy or slow may take its time; one that hangs must not do so for ever. */
const START_MS = 120_000
const TAIL_LINES = 12

export class LocalProcess {
  readonly name: string
  readonly #command: LocalCommand
  readonly #child: ChildProcess
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>
  #failure: Error | undefined

  private constructor(command: LocalCommand) {
    this.name = command.name
    this.#command = command
    const log = openSync(command.log, 'w')
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', command.command, ...command.args], {
      cwd: command.folder,
      detached: true,
      stdio: ['ignore', command.isRead === true ? 'pipe' : log, log],
    })
    closeSync(log)
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.once('error', (error) => {
        this.#failure = error
        resolve()
      })
    })
  }

  /** Not yet ready: `ready()`. */
  static start(command: LocalCommand): LocalProcess {
    return new LocalProcess(command)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get stdout(): Readable | null {
    return this.#child.stdout
  }

  get isRunning(): boolean {
    return this.#failure === undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  async ready(signal: AbortSignal): Promise<void> {
    const end = performance.now() + START_MS
    while (!(await this.#command.isReady(this.#text()))) {
      if (!this.isRunning) throw this.fault()
      if (performance.now() > end) throw new Error(`${this.name} is not ready yet; ${this.#lastWords()}`)
      await delay(EACH_MS, undefined, { signal })
    }
  }

  /** Why it has ended without being asked to. */
  fault(): Error {
    if (this.#failure !== undefined) return this.#failure
    const { exitCode, signalCode } = this.#child
    const message = `${this.name} has ended (${signalCode ?? `exit status ${exitCode}`}); ${this.#lastWords()}`
    return exitCode === EXIT.wrongUse ? new WrongUse(message) : new Error(message)
  }

  /** In order; by force when that takes too long. */
  async stop(withinMs: number): Promise<void> {
    if (!this.isRunning) return
    this.#child.kill('SIGTERM')
    const hard = setTimeout(() => this.kill(), withinMs)
    await this.ended
    clearTimeout(hard)
  }

  kill(): void {
    if (this.isRunning) this.#child.kill('SIGKILL')
  }

  #text(): string {
    return readFileSync(this.#command.log, 'utf8')
  }

  #lastWords(): string {
    const lines = this.#text().trimEnd().split('\n').slice(-TAIL_LINES)
    return `the end of ${this.#command.log}:\n${lines.join('\n')}`
  }
}
