/**
 * A host of a fleet that bans: a network namespace for its kernel, and an enforcer that can be killed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { candidates, type KernelBans, makeTool } from '@picket/collector/enforcer'
import type { HostRequest } from './host-process.ts'

const PROCESS = fileURLToPath(new URL('host-process.js', import.meta.url))

export interface HostPlace {
  readonly brokers: readonly string[]
  /** Of topics and groups. */
  readonly prefix: string
  readonly publicKey: string
}

/** Why there can be none here; false where there can. */
export function noBanningHost(): string | false {
  if (process.getuid?.() !== 0) return 'no real firewall here: not root'
  for (const tool of ['ip', 'nft'])
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) return `no real firewall here: no ${tool}`
  const name = `pkt-${process.pid}-try`
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  spawnSync('ip', ['netns', 'del', name])
  return made.status === 0 ? false : `no real firewall here: ${made.stderr.trim()}`
}

let count = 0

export class BanningHost {
  readonly reporter: string
  readonly #namespace: string
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'picket-banning-'))
  readonly #place: HostPlace
  readonly #kernel: KernelBans
  #child: ChildProcess | undefined
  /** All that its lives have said. */
  log = ''

  constructor(place: HostPlace, reporter = 'web1') {
    this.#place = place
    this.reporter = reporter
    this.#namespace = `pkt-${process.pid}-${count++}-${reporter}`
    const [kernel] = candidates({ type: 'nftables' }, makeTool({ through: this.#inside }))
    if (kernel === undefined) throw new Error('no nftables')
    this.#kernel = kernel
    this.#run('ip', 'netns', 'add', this.#namespace)
  }

  get #inside(): string[] {
    return ['ip', 'netns', 'exec', this.#namespace]
  }

  start(failpoint = ''): void {
    const { brokers, prefix, publicKey } = this.#place
    const { reporter } = this
    const request: HostRequest = {
      ...{ brokers, publicKey, namespace: this.#namespace },
      settings: {
        ...{ reporter, site: '', instance: `enforcer-${reporter}`, version: '0', allow: [] },
        topics: {
          bans: `${prefix}.bans`,
          receipts: `${prefix}.receipts`,
          group: `${prefix}-enforcer-${reporter}`,
        },
        state: join(this.#folder, 'state'),
        firewall: { type: 'nftables' },
        caps: { total: 65_536, perMinute: 100_000, widestV4: 24, widestV6: 64 },
        ...{ peers: brokers, adminPorts: [22], heartbeatSeconds: 1 },
      },
    }
    const env = {
      ...process.env,
      PICKET_FAILPOINT: failpoint,
      PICKET_TEST_HOST: JSON.stringify(request),
    }
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, PROCESS], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.log += text
      })
    this.#child = child
  }

  get isRunning(): boolean {
    const child = this.#child
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.isRunning) return
    const ended = once(child, 'close')
    child.kill(signal)
    await ended
  }

  /** Canonical subjects, and the seconds that each has left. */
  async banned(): Promise<Map<string, number>> {
    const elements = await this.#kernel.list()
    return new Map(elements.map(({ subject, seconds }) => [subject, seconds]))
  }

  /** As `nft flush ruleset` of somebody who reloads his firewall. */
  flush(): void {
    this.#run(...this.#inside, 'nft', 'flush', 'ruleset')
  }

  /** The machine is booted: its kernel is a new one, its disk is not. */
  async reboot(): Promise<void> {
    await this.end()
    this.#run('ip', 'netns', 'del', this.#namespace)
    this.#run('ip', 'netns', 'add', this.#namespace)
  }

  async close(): Promise<void> {
    await this.end()
    spawnSync('ip', ['netns', 'del', this.#namespace])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #run(...command: readonly string[]): void {
    const [file = '', ...args] = command
    const { status, stderr } = spawnSync(file, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`)
  }
}
