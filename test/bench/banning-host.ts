/**
 * A host that bans: a network namespace with its own nftables, `picket enforcer` in it, and somebody who watches the kernel there.
 *
 * The watcher is `nft monitor`, which hears from the kernel itself. It knows nothing of the enforcer, and is later than the kernel by
 * the time that it takes to wake two processes.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { PICKET_MAIN } from '../places.ts'
import { waitUntil } from '../services/wait-until.ts'

export interface HostPlace {
  readonly reporter: string
  readonly folder: string
  /** Of loopback. */
  readonly kafkaPort: number
  readonly prefix: string
  /** As `picket keys show` prints it. */
  readonly publicKey: string
}

const RELAY = fileURLToPath(new URL('./socket-relay.js', import.meta.url))
const ADDED = /add element inet picket block\S+ \{ (\S+) /

export class BanningHost {
  readonly reporter: string
  /** By subject, when the kernel told of it: Date.now(). */
  readonly seen: Map<string, number> = new Map()
  readonly #namespace: string
  readonly #children: ChildProcess[] = []
  #isWatching = false
  log = ''

  private constructor({ reporter }: HostPlace) {
    this.reporter = reporter
    this.#namespace = `pkt-${reporter}-${process.pid}`
  }

  static async start(place: HostPlace): Promise<BanningHost> {
    const host = new BanningHost(place)
    host.#ip('netns', 'add', host.#namespace)
    host.#ip('-n', host.#namespace, 'link', 'set', 'lo', 'up')
    await host.#reachBroker(place)
    await host.#watch()
    host.#inside([process.execPath, PICKET_MAIN, 'enforcer', '--config', configOf(place)])
    await waitUntil(() => host.log.includes('was read to its end'), host.#said('the enforcer to be ready'))
    return host
  }

  async #reachBroker({ folder, reporter, kafkaPort }: HostPlace): Promise<void> {
    const socket = join(folder, `${reporter}.sock`)
    let listening = 0
    const count = (): void => {
      listening++
    }
    this.#run([process.execPath, RELAY, socket, String(kafkaPort)], count)
    this.#inside([process.execPath, RELAY, String(kafkaPort), socket], count)
    await waitUntil(() => listening === 2, this.#said('the way to the broker'))
  }

  /** Resolves when the watcher hears of what is done here. */
  async #watch(): Promise<void> {
    this.#inside(['nft', 'monitor'], (line) => this.#hear(line))
    const isHeard = (): boolean => {
      for (const verb of ['add', 'delete'])
        this.#ip('netns', 'exec', this.#namespace, 'nft', verb, 'table', 'inet', 'probe')
      return this.#isWatching
    }
    await waitUntil(isHeard, this.#said('the watcher'))
  }

  #hear(line: string): void {
    this.#isWatching = true
    const subject = ADDED.exec(line)?.[1]
    if (subject !== undefined && !this.seen.has(subject)) this.seen.set(subject, Date.now())
  }

  #inside(command: readonly string[], hear?: (line: string) => void): void {
    this.#run(['ip', 'netns', 'exec', this.#namespace, ...command], hear)
  }

  /** Each line that it prints is heard, what it logs is kept. */
  #run([file = '', ...args]: readonly string[], hear: (line: string) => void = () => undefined): void {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    createInterface({ input: child.stdout }).on('line', hear)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log += text
    })
    this.#children.push(child)
  }

  #said(what: string): () => string {
    return () => `${what}; ${this.reporter} said:\n${this.log}`
  }

  #ip(...args: readonly string[]): void {
    const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`a network namespace is needed: ${stderr}`)
  }

  async stop(): Promise<void> {
    const ended = this.#children.map((child) => new Promise((resolve) => child.once('close', resolve)))
    for (const child of this.#children) child.kill()
    await Promise.all(ended)
    this.#ip('netns', 'del', this.#namespace)
  }
}

function configOf({ reporter, folder, kafkaPort, prefix, publicKey }: HostPlace): string {
  const own = join(folder, reporter)
  mkdirSync(own)
  const path = join(own, 'picket.yaml')
  const config = {
    kafka: { brokers: [`127.0.0.1:${kafkaPort}`], prefix },
    metrics: { enabled: false },
    log: { format: 'json' },
    collector: { reporter },
    enforcer: {
      ...{
        state: join(own, 'state'),
        keys: join(own, 'keys'),
        publicKeys: [publicKey],
        firewall: 'nftables',
      },
      caps: { perMinute: 10_000 },
    },
  }
  // JSON is YAML
  writeFileSync(path, JSON.stringify(config))
  return path
}
