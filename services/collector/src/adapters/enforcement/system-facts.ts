/**
 * What this host knows of itself, from the system: addresses, routes, resolvers, the peers that it needs, who is logged in.
 *
 * Whoever merely holds a connection to sshd is not logged in: a brute-forcer does that too. So an address counts when utmp or logind
 * names it, or when its connection outlived the time that sshd gives for a login.
 */
import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { parsePrefix, safeText } from '@picket/schemas'
import type { Facts, HostFacts } from '../../enforce/host-facts.ts'
import type { NeverEntry } from '../../enforce/never-ban.ts'
import type { RefusalReason } from '../../enforce/refusals.ts'
import { HeldSessions } from './held-sessions.ts'
import { makeTool, type Tool } from './run-tool.ts'
import { addressesOfWho, gatewaysOfRoutes, resolversOf } from './system-facts-text.ts'

export interface FactSettings {
  /** `host:port` or `host` of Kafka, Redis, mail and whatever else must stay reachable. */
  readonly peers: readonly string[]
  /** Ports of sshd. */
  readonly adminPorts: readonly number[]
}

const RESOLVER_FILES = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'] as const

export class SystemFacts implements HostFacts {
  readonly #settings: FactSettings
  readonly #tool: Tool
  readonly #held: HeldSessions
  /** The last answers, by what was asked. */
  readonly #known = new Map<string, readonly NeverEntry[]>()

  constructor(settings: FactSettings, tool: Tool = makeTool({ timeoutMs: 2_000 })) {
    this.#settings = settings
    this.#tool = tool
    this.#held = new HeldSessions(settings.adminPorts)
  }

  async read(): Promise<Facts> {
    const faults: string[] = []
    const ask = async (what: string, answer: () => Promise<readonly NeverEntry[]>): Promise<void> => {
      try {
        this.#known.set(what, await answer())
      } catch (error) {
        faults.push(`${what}: ${safeText((error as Error).message, 200)}`)
      }
    }
    await Promise.all([
      ask('own addresses', async () => ownAddresses()),
      ask('gateways', () => this.#gateways()),
      ask('resolvers', () => resolvers()),
      ...this.#settings.peers.map((peer) => ask(`peer ${peer}`, () => addressesOfPeer(peer))),
    ])
    const admins = await this.readAdmins()
    return { entries: [...this.#known.values()].flat().concat(admins), faults }
  }

  async readAdmins(): Promise<readonly NeverEntry[]> {
    const [who, sessions] = await Promise.all([
      this.#tool.run(['who', '--ips']),
      this.#tool.run(['ss', '-H', '-t', '-n', 'state', 'established']),
    ])
    const named = who.ok ? addressesOfWho(who.stdout) : []
    const held = sessions.ok ? this.#held.see(sessions.stdout, performance.now()) : []
    return [
      ...entries(named, 'logged-in', 'somebody is logged in from there'),
      ...entries(held, 'logged-in', 'an ssh session from there has lasted'),
    ]
  }

  async #gateways(): Promise<NeverEntry[]> {
    const answers = await Promise.all(
      ['-4', '-6'].map((family) => this.#tool.run(['ip', '-j', family, 'route', 'show', 'table', 'all'])),
    )
    const failed = answers.find(({ ok }) => !ok)
    if (failed !== undefined) throw new Error(failed.why)
    return entries(
      answers.flatMap(({ stdout }) => gatewaysOfRoutes(stdout)),
      'gateway',
      'a gateway of this host',
    )
  }
}

function ownAddresses(): NeverEntry[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(({ address, cidr }) => [
      ...entries([withoutZone(address)], 'own-address', `this host's own address on ${safeText(name, 16)}`),
      ...entries(broadcastOf(cidr), 'broadcast', `the broadcast address of ${safeText(name, 16)}`),
    ]),
  )
}

/** Of a network of four addresses or more. */
function broadcastOf(cidr: string | null): string[] {
  const [address = '', length] = (cidr ?? '').split('/')
  const octets = address.split('.').map(Number)
  const bits = Number(length)
  if (octets.length !== 4 || !(bits <= 30)) return []
  const word = octets.reduce((sum, octet) => sum * 256 + octet, 0)
  const last = Math.floor(word / 2 ** (32 - bits)) * 2 ** (32 - bits) + 2 ** (32 - bits) - 1
  return [[24, 16, 8, 0].map((shift) => Math.floor(last / 2 ** shift) % 256).join('.')]
}

async function resolvers(): Promise<NeverEntry[]> {
  const texts = await Promise.all(RESOLVER_FILES.map((path) => readFile(path, 'utf8').catch(() => '')))
  return entries(texts.flatMap(resolversOf), 'resolver', 'a resolver of this host')
}

async function addressesOfPeer(peer: string): Promise<NeverEntry[]> {
  const host = peer.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  const addresses = await lookup(host, { all: true })
  return entries(
    addresses.map(({ address }) => withoutZone(address)),
    'peer',
    `${safeText(peer, 80)}, which the fleet needs`,
  )
}

function withoutZone(address: string): string {
  return address.split('%')[0] ?? address
}

function entries(addresses: readonly string[], reason: RefusalReason, note: string): NeverEntry[] {
  return addresses.flatMap((text) => {
    const prefix = parsePrefix(text)
    return prefix === undefined ? [] : [{ prefix, reason, note }]
  })
}
