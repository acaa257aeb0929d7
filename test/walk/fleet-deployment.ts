/**
 * A fleet: on each host its collector and its enforcer, inside the host's own namespace; detector and responder elsewhere.
 *
 * Broker, Redis and mail server are real. Everything is set up by the commands that docs/tutorial.md names.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { picket } from '../picket.ts'
import { freePort } from '../services/free-port.ts'
import { freshName } from '../services/shared.ts'
import type { Smtp } from '../telling/smtp.ts'
import { type Changing, Deployment } from './deployment.ts'
import type { Host, Place } from './place.ts'
import { reload } from './reload.ts'
import { sectionsFor } from './sections.ts'
import type { Whois } from './whois.ts'

export interface FleetServers {
  readonly kafka: string
  readonly redis: string
  readonly smtp: Smtp
  readonly whois: Whois
}

const TOPICS = ['packets', 'contacts', 'alerts', 'bans', 'receipts', 'dead-letters']
type Service = FleetProcess['command']['service']
/** `metrics.port` is the collector's; the others come after it. */
const PORT_AFTER: Readonly<Record<string, number>> = { detector: 2, responder: 3 }

export class FleetDeployment extends Deployment {
  readonly name = 'fleet'
  readonly config: string
  protected readonly socket: string
  readonly #folder: string
  readonly #sections: Record<string, unknown>
  readonly #processes: FleetProcess[] = []

  private constructor(place: Place, servers: FleetServers) {
    super(place.hosts, servers.smtp)
    this.#folder = join(place.folder, 'centre')
    mkdirSync(this.#folder)
    this.config = join(this.#folder, 'picket.yaml')
    this.socket = join(this.#folder, 'state', 'responder.sock')
    const prefix = freshName('walk')
    this.#sections = {
      ...sectionsFor(servers, join(this.#folder, 'ban.key')),
      kafka: {
        ...{ brokers: [servers.kafka], prefix, sessionTimeoutSeconds: 6 },
        partitions: Object.fromEntries(TOPICS.map((topic) => [topic, 2])),
      },
      redis: { url: `redis://${servers.redis}`, prefix: `${prefix}:` },
      state: join(this.#folder, 'state'),
      detector: { heartbeatSeconds: 1 },
      responder: { heartbeat: 1 },
    }
  }

  static async start(place: Place, servers: FleetServers): Promise<FleetDeployment> {
    const fleet = new FleetDeployment(place, servers)
    try {
      await fleet.#start()
      return fleet
    } catch (error) {
      await fleet.stop()
      throw error
    }
  }

  async #start(): Promise<void> {
    this.#write()
    const keys = join(this.#folder, 'keys')
    const made = await picket(['keys', 'make', '--private', join(this.#folder, 'ban.key'), '--json'])
    const pinned = await picket([
      'keys',
      'pin',
      (JSON.parse(made.stdout) as { public: string }).public,
      '--folder',
      keys,
    ])
    if (pinned.status !== 0) throw new Error(pinned.stderr)
    await this.ask('topics', 'apply')
    const port = await freePort()
    for (const service of ['detector', 'responder'] as const) await this.#add(service, this.#folder, port)
    for (const host of this.hosts) {
      await this.#add('collector', host.folder, 0, host, keys)
      await this.#add('enforcer', host.folder, 0, host, keys)
    }
    for (const one of this.#processes) one.start()
    for (const one of this.#processes.filter(({ command }) => command.through === undefined))
      await one.ready()
    await this.until(async () => (await this.hostsHeard()) === this.hosts.length, 'all hosts to be heard')
  }

  async #add(service: Service, parent: string, port: number, host?: Host, keys = ''): Promise<void> {
    const folder = join(parent, service)
    mkdirSync(folder)
    const own = {
      ...this.#sections,
      metrics: host === undefined ? { port } : { enabled: false },
      ...(host === undefined ? {} : ofHost(host, folder, keys)),
    }
    const through = host === undefined ? {} : { through: host.through }
    const command = { service, name: service, folder, config: own, port: port + (PORT_AFTER[service] ?? 0) }
    this.#processes.push(new FleetProcess({ ...command, ...through }))
  }

  #write(): void {
    // JSON is YAML
    writeFileSync(this.config, JSON.stringify(this.#sections))
  }

  /** The responder takes it by SIGHUP, a detector by a restart only. */
  async change(changing: Partial<Changing>): Promise<void> {
    Object.assign(this.#sections, changing)
    this.#write()
    const isOfDetector = changing.rules !== undefined
    const service = isOfDetector ? 'detector' : 'responder'
    for (const one of this.#processes.filter(({ command }) => command.service === service)) {
      Object.assign(one.command.config, changing)
      if (isOfDetector) {
        await one.stop()
        one.start()
        await one.ready()
      } else await reload(one)
    }
  }

  protected log(): string {
    return this.#processes.map((one) => `${one.command.folder}:\n${one.log().slice(-2_000)}`).join('\n')
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.kill()))
  }
}

function ofHost(host: Host, folder: string, keys: string): Readonly<Record<string, unknown>> {
  return {
    sources: [{ type: 'file', name: 'kern', path: host.log }],
    state: join(folder, 'state'),
    collector: { reporter: host.name, heartbeatSeconds: 1 },
    enforcer: { state: join(folder, 'state'), keys, heartbeatSeconds: 1 },
  }
}
