/**
 * A server that a test owns: started, killed, hung, started again on its data, stopped.
 *
 * It dies with the process that started it, however that one ends (the kernel sends SIGKILL: PR_SET_PDEATHSIG), and it does not keep
 * that process alive. What it prints goes to a file, never to a pipe: a full pipe would hang it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MissingTool } from './missing-tool.ts'
import { makeServiceFolder, removeServiceFolder } from './service-folder.ts'
import { waitUntil } from './wait-until.ts'

export interface ServiceCommand {
  readonly name: string
  readonly command: string
  /** The folder is the service's own, made before and given to it. */
  readonly args: readonly string[]
  readonly folder: string
  readonly isReady: (log: string) => boolean | Promise<boolean>
  /** Runs before every start, for what a start needs of the data that is there. */
  readonly prepare?: () => void | Promise<void>
}

const STOP_MS = 20_000
/** A broker took more than a minute where twenty others had the two processors. */
const START_MS = 240_000

export class ServiceProcess {
  readonly folder: string
  readonly #command: ServiceCommand
  #child: ChildProcess | undefined

  private constructor(command: ServiceCommand) {
    this.#command = command
    this.folder = command.folder
  }

  static async start(command: ServiceCommand): Promise<ServiceProcess> {
    const service = new ServiceProcess(command)
    try {
      await service.start()
    } catch (error) {
      await service.kill()
      throw error
    }
    return service
  }

  static folderFor(name: string): string {
    return makeServiceFolder(name)
  }

  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error(`${this.#command.name} does not run`)
    return pid
  }

  get isRunning(): boolean {
    const child = this.#child
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  /** Starts it again on the data that is there, after `kill()` or `halt()`. */
  async start(): Promise<void> {
    if (this.isRunning) throw new Error(`${this.#command.name} runs already`)
    await this.#command.prepare?.()
    const file = join(this.folder, 'service.log')
    writeFileSync(file, '')
    const log = openSync(file, 'a')
    const { command, args, name } = this.#command
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], {
      stdio: ['ignore', log, log],
      cwd: this.folder,
    })
    closeSync(log)
    child.unref()
    let failure: Error | undefined
    child.once('error', (error) => {
      failure = new MissingTool('setpriv', error)
    })
    this.#child = child
    await waitUntil(
      async () => {
        if (failure !== undefined) throw failure
        if (!this.isRunning) throw new Error(`${name} ended with ${child.exitCode}; it said:\n${this.log()}`)
        return this.#command.isReady(this.log())
      },
      () => `${name} to start; it said:\n${this.log()}`,
      START_MS,
    )
  }

  /** What it has printed since its last start. */
  log(): string {
    return readFileSync(join(this.folder, 'service.log'), 'utf8')
  }

  /** A crash. The data stays. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** An orderly end. The data stays. */
  async halt(): Promise<void> {
    this.resume()
    const hard = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS)
    await this.#end('SIGTERM')
    clearTimeout(hard)
  }

  async restart(): Promise<void> {
    await this.halt()
    await this.start()
  }

  /** Hangs it: its sockets stay open, and nothing answers. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** For good: it is ended and its data removed. */
  async stop(): Promise<void> {
    await this.kill()
    removeServiceFolder(this.folder)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.isRunning) return
    child.ref()
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }
}
