/**
 * Runs `picket responder` as a child, and asks it as a user would: by `picket status`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { picket } from './picket.ts'
import { PICKET_MAIN } from './places.ts'
import { waitUntil } from './services/wait-until.ts'

export interface FleetPlace {
  readonly kafka: string
  readonly redis: string
  /** Of topics and keys. */
  readonly prefix: string
  readonly partitions: Readonly<Record<string, number>>
  /** Further sections of the configuration. */
  readonly sections?: Readonly<Record<string, unknown>>
}

export interface ToldAlert {
  readonly alert: string
  readonly incident: { readonly id: string; readonly source: string | null; readonly level: number }
}

/** What the tests read of `picket status --json`. */
export interface FleetStatus {
  readonly incidents: readonly { readonly id: string; readonly level: number; readonly packets: number }[]
  readonly fleet: {
    readonly responder: { readonly healthy: boolean }
    readonly blind: readonly { readonly reporter: string }[]
    readonly hosts: readonly { readonly reporter: string; readonly state: string }[]
    readonly responders: readonly { readonly instance: string; readonly state: string }[]
    readonly lag: Readonly<Record<string, { readonly records: number }>>
  }
}

export class ResponderProcess {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'picket-responder-'))
  readonly config: string
  #child: ChildProcess | undefined
  #closed: Promise<unknown> = Promise.resolve()
  #settings: Readonly<Record<string, unknown>>
  out = ''
  log = ''

  constructor(place: FleetPlace, metricsPort = 0) {
    this.config = join(this.folder, 'picket.yaml')
    this.#settings = {
      state: join(this.folder, 'state'),
      kafka: {
        ...{ brokers: [place.kafka], prefix: place.prefix, sessionTimeoutSeconds: 6 },
        partitions: place.partitions,
      },
      redis: { url: `redis://${place.redis}`, prefix: `${place.prefix}:` },
      responder: { heartbeat: 1 },
      alerts: { format: 'json' },
      metrics: metricsPort === 0 ? { enabled: false } : { port: metricsPort },
      ...place.sections,
    }
    this.configure({})
  }

  /** These sections in place of those of before; takes effect at a start, or when it is told to read. */
  configure(sections: Readonly<Record<string, unknown>>): void {
    this.#settings = { ...this.#settings, ...sections }
    // JSON is YAML
    writeFileSync(this.config, JSON.stringify(this.#settings))
  }

  section(name: string): unknown {
    return this.#settings[name]
  }

  /** Reads its configuration again. */
  hangUp(): void {
    this.#child?.kill('SIGHUP')
  }

  start(failpoint = ''): this {
    const child = spawn(process.execPath, [PICKET_MAIN, 'responder', '--config', this.config], {
      env: {
        ...process.env,
        TZ: 'UTC',
        PICKET_FAILPOINT: failpoint,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    // Not 'exit', which may come before the last of what it has printed.
    this.#closed = once(child, 'close')
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log += text
    })
    return this
  }

  get told(): ToldAlert[] {
    const lines = this.out.split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as ToldAlert)
  }

  get toldIds(): string[] {
    return this.told.map(({ alert }) => alert)
  }

  async until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
    await waitUntil(isTrue, () => `${what}; it logged:\n${this.log}`)
  }

  async status(args: readonly string[] = []): Promise<FleetStatus> {
    const ended = await picket(['status', '--json', '--config', this.config, ...args])
    if (ended.status !== 0) throw new Error(`${ended.stderr}\n${this.log}`)
    return JSON.parse(ended.stdout) as FleetStatus
  }

  /** The status once it is as wanted. */
  async statusWhen(isWanted: (status: FleetStatus) => boolean, what: string): Promise<FleetStatus> {
    let status: FleetStatus | undefined
    await this.until(async () => {
      status = await this.status().catch(() => undefined)
      return status !== undefined && isWanted(status)
    }, what)
    if (status === undefined) throw new Error(what)
    return status
  }

  get exitCode(): number | null {
    return this.#child?.exitCode ?? null
  }

  /** Resolves with the signal that ended it, when all that it printed is here. */
  async ended(): Promise<NodeJS.Signals | null> {
    await this.#closed
    return this.#child?.signalCode ?? null
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.ended()
  }

  /** Gives its exit status. */
  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM')
    await this.ended()
    rmSync(this.folder, { recursive: true, force: true })
    return this.#child?.exitCode ?? null
  }
}
