/**
 * Where the walk happens: hosts with their firewalls and logs, and the street outside with its attackers and customers.
 *
 * Made by lab/walk.sh, which draws it. Other labs may run at the same time; nothing here touches them.
 */
import type { ChildProcess } from 'node:child_process'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LAB } from '../places.ts'
import { inside, run, startScript } from './namespace-process.ts'
import { Passage } from './passage.ts'
import { type Session, Sessions } from './session.ts'
import type { Style } from './street.ts'

const SCRIPT = join(LAB, 'walk.sh')
/** Open in every style of rules. */
const WEB = 80

/** False where a walk can be made, else the reason to skip. */
export function whyNoWalk(): string | false {
  const { status, stderr } = spawnSync('bash', [SCRIPT, 'check'], { encoding: 'utf8' })
  return status === 0 ? false : `no real packets here: ${stderr.trim()}`
}

/** What is banned for a source: of IPv6 its /64. */
export function subjectOf(source: string): string {
  return source.includes(':') ? source.replace(/::.*$/, '::/64') : source
}

export class Host {
  readonly name: string
  readonly address: string
  readonly address6: string
  readonly namespace: string
  /** As rsyslog would write it. */
  readonly log: string
  /** A folder of its own. */
  readonly folder: string

  constructor(number: number, tag: string, folder: string) {
    this.name = `web${number}`
    this.address = `198.51.100.1${number}`
    this.address6 = `2001:db8:51::1${number}`
    this.namespace = `picket-lab-${tag}-${this.name}`
    this.folder = join(folder, this.name)
    mkdirSync(this.folder)
    this.log = join(this.folder, 'kern.log')
    writeFileSync(this.log, '')
  }

  get through(): readonly string[] {
    return inside(this.namespace)
  }

  run(...command: readonly string[]): Promise<string> {
    return run([...this.through, ...command])
  }

  /** Picket's own table; empty before an enforcer made it. */
  bans(): Promise<string> {
    return this.run('nft', 'list', 'table', 'inet', 'picket').catch(() => '')
  }

  async hasBanned(subject: string): Promise<boolean> {
    return (await this.bans()).includes(`${subject} timeout `)
  }

  /** Its firewall has logged so much of this source. */
  linesOf(source: string): number {
    return readFileSync(this.log, 'latin1').split(`SRC=${source} `).length - 1
  }
}

export class Place {
  readonly hosts: readonly Host[]
  readonly folder: string
  readonly #tag: string
  readonly #children: ChildProcess[] = []
  readonly #passages: Passage[] = []
  #sessions: Sessions | undefined

  private constructor(tag: string, count: number) {
    this.#tag = tag
    this.folder = mkdtempSync(join(tmpdir(), 'picket-walk-'))
    this.hosts = Array.from({ length: count }, (_, at) => new Host(at + 1, tag, this.folder))
  }

  /** `servers`: `host:port` of what the hosts must reach, at the same port of their loopback. */
  static async make(mark: string, hosts: number, servers: readonly string[]): Promise<Place> {
    const tag = `${process.pid.toString(36)}${mark}`
    const place = new Place(tag, hosts)
    try {
      await run(['bash', SCRIPT, 'up', tag, String(hosts)])
      for (const server of servers) place.#passages.push(await Passage.open(place.folder, server))
      await Promise.all([...place.hosts.map((host) => place.#furnish(host)), place.#log(tag)])
      place.#sessions = await Sessions.start(place.#outside)
      return place
    } catch (error) {
      await place.end()
      throw error
    }
  }

  async #furnish(host: Host): Promise<void> {
    await this.setRules(host, 'iptables')
    const ways = this.#passages.map(({ way }) => way)
    this.#children.push(await startScript('host-process', [String(WEB), ...ways], host.through))
  }

  async #log(tag: string): Promise<void> {
    const files = this.hosts.map(({ name, log }, at) => `w${tag}${at + 1}=${name}=${log}`)
    this.#children.push(await startScript('kernel-log-process', files))
  }

  get #outside(): readonly string[] {
    return inside(`picket-lab-${this.#tag}-outside`)
  }

  async setRules(host: Host, style: Style): Promise<void> {
    await run(['bash', SCRIPT, 'rules', this.#tag, host.name, style])
  }

  /** nmap from outside, in the name of `source`; without `ports` its thousand. */
  async scan(source: string, host: Host, ports?: string): Promise<void> {
    const few = ports === undefined ? [] : ['-p', ports]
    const six = source.includes(':') ? ['-6'] : []
    const target = addressFor(source, host)
    const command = ['nmap', ...six, '-n', '-Pn', '-sS', '--max-retries', '1', '--min-rate', '600', ...few]
    await run([...this.#outside, ...command, '-S', source, '-e', 'eth0', target])
  }

  connect(from: string, host: Host): Session {
    if (this.#sessions === undefined) throw new Error('the place is not made yet')
    return this.#sessions.open(from, addressFor(from, host), WEB)
  }

  async end(): Promise<void> {
    this.#sessions?.end()
    for (const child of this.#children) child.kill('SIGKILL')
    for (const passage of this.#passages) passage.close()
    await run(['bash', SCRIPT, 'down', this.#tag]).catch(() => undefined)
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}

function addressFor(peer: string, { address, address6 }: Host): string {
  return peer.includes(':') ? address6 : address
}
