/**
 * Real TCP through real namespaces: what a ban does to sessions, to the host itself and to what it forwards.
 *
 *   outside (10.79.0.2 attacker, 10.79.0.3 neighbour) -- host (10.79.0.1, 10.79.1.1) -- inside (10.79.1.2)
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Metrics, makeLogger } from '@picket/runtime'
import { ChainBans } from '../../src/adapters/enforcement/chains.ts'
import { IpsetBans } from '../../src/adapters/enforcement/ipset.ts'
import { NftBans } from '../../src/adapters/enforcement/nftables.ts'
import type { Tool } from '../../src/adapters/enforcement/run-tool.ts'
import type { HostWish } from '../../src/enforce/ban-outcome.ts'
import type { KernelBans } from '../../src/enforce/kernel-bans.ts'
import { BansEvents } from '../../src/enforcer/bans-events.ts'
import { HostBans } from '../../src/enforcer/host-bans.ts'
import { entry, TestFacts, until } from '../enforcer/bed.ts'
import { Namespace, skipWithout } from './namespace.ts'
import { Peer } from './peer.ts'

const skip = skipWithout('nft', 'iptables', 'ip6tables', 'ipset')
const PORT = '7000'

const KERNELS: Readonly<Record<string, (tool: Tool) => KernelBans>> = {
  nftables: (tool) => new NftBans(tool),
  ipset: (tool) => new IpsetBans(tool),
  iptables: (tool) => new ChainBans(tool),
}

/** An attacker, somebody else, and who serves them. */
interface Way {
  readonly attacker: string
  readonly neighbour: string
  readonly server: string
}
const TO_HOST: Way = { attacker: '10.79.0.2', neighbour: '10.79.0.3', server: '10.79.0.1' }
const THROUGH: Way = { attacker: '10.79.0.2', neighbour: '10.79.0.3', server: '10.79.1.2' }
const TO_HOST_6: Way = { attacker: 'fd79::2', neighbour: 'fd79:0:0:1::3', server: 'fd79::1' }

describe('traffic of a banned source', { skip }, () => {
  let outside: Namespace
  let host: Namespace
  let inside: Namespace
  const peers: Peer[] = []
  const facts = new TestFacts()

  const peer = (namespace: Namespace, ...args: readonly string[]): Peer => {
    const made = new Peer(namespace, ...args)
    peers.push(made)
    return made
  }

  const link = (a: Namespace, nameA: string, b: Namespace, nameB: string): void => {
    a.run('ip', 'link', 'add', nameA, 'type', 'veth', 'peer', 'name', nameB, 'netns', b.name)
    for (const [namespace, name] of [
      [a, nameA],
      [b, nameB],
    ] as const)
      namespace.run('ip', 'link', 'set', name, 'up')
  }

  before(async () => {
    outside = new Namespace('out')
    host = new Namespace('host')
    inside = new Namespace('in')
    link(outside, 'eth0', host, 'ext0')
    link(host, 'int0', inside, 'eth0')
    const address = (namespace: Namespace, device: string, ...nets: readonly string[]): void => {
      for (const net of nets) {
        const v6 = net.includes(':') ? ['nodad'] : []
        namespace.run('ip', 'addr', 'add', net, 'dev', device, ...v6)
      }
    }
    address(outside, 'eth0', '10.79.0.2/24', '10.79.0.3/24', 'fd79::2/48', 'fd79:0:0:1::3/48')
    address(host, 'ext0', '10.79.0.1/24', 'fd79::1/48')
    address(host, 'int0', '10.79.1.1/24')
    address(inside, 'eth0', '10.79.1.2/24')
    outside.run('ip', 'route', 'add', '10.79.1.0/24', 'via', '10.79.0.1')
    inside.run('ip', 'route', 'add', 'default', 'via', '10.79.1.1')
    host.run('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward')
    // As a host's firewall does it: sessions that exist are let through first.
    host.run('iptables', '-A', 'INPUT', '-m', 'state', '--state', 'ESTABLISHED', '-j', 'ACCEPT')
    const servers = [peer(host, 'serve', '::', PORT), peer(inside, 'serve', '0.0.0.0', PORT)]
    for (const server of servers) await server.says('listening')
  })

  after(() => {
    for (const each of peers) each.end()
    for (const namespace of [outside, host, inside]) namespace?.close()
  })

  const open = async (kernel: KernelBans): Promise<HostBans> => {
    const log = makeLogger({ level: 'error', format: 'json' }, { write: () => true })
    const bans = new HostBans({
      kernel,
      facts,
      allow: [],
      caps: { total: 100, widestV4: 24, widestV6: 64 },
      events: new BansEvents(log, new Metrics()),
      now: Date.now,
      told: () => undefined,
    })
    await bans.start(true)
    return bans
  }

  let revision = 0
  const wish = (subject: string, seconds: number): HostWish => {
    const now = Date.now()
    revision++
    const spans = seconds === 0 ? [] : [{ from: now, until: now + seconds * 1_000, why: 'test' }]
    return { subject, revision, spans, admittedAt: now }
  }

  const held = async (bans: HostBans): Promise<string[]> => (await bans.list()).map(({ subject }) => subject)

  /** The attacker is cut off, the neighbour is not; once lifted, the attacker's session goes on where it stood. */
  const cuts = async (
    bans: HostBans,
    subject: string,
    { attacker, neighbour, server }: Way,
  ): Promise<void> => {
    const session = peer(outside, 'connect', attacker, server, PORT)
    const other = peer(outside, 'connect', neighbour, server, PORT)
    await session.isServed()
    await other.isServed()
    bans.set([wish(subject, 600)])
    await until(async () => (await held(bans)).includes(subject), 'the ban')
    const lost = session.ping()
    const refused = peer(outside, 'connect', attacker, server, PORT)
    for (let i = 0; i < 20; i++) await other.isServed()
    assert.equal(session.has(lost), false)
    assert.equal(refused.has('connected'), false)
    bans.set([wish(subject, 0)])
    await until(async () => (await held(bans)).length === 0, 'the end of the ban')
    await session.says(lost)
    await refused.says('connected')
    for (const each of [session, other, refused]) each.end()
  }

  for (const [name, make] of Object.entries(KERNELS)) {
    test(`${name} cuts an established session to the host, and what it forwards`, async () => {
      const kernel = make(host.tool)
      const bans = await open(kernel)
      try {
        await cuts(bans, '10.79.0.2', TO_HOST)
        await cuts(bans, '10.79.0.2', THROUGH)
        await cuts(bans, 'fd79::/64', TO_HOST_6)
      } finally {
        await bans.stop()
        await kernel.liftAll()
      }
    })
  }

  test('a ban ends by itself though the process has ended, and leaves nothing behind', async () => {
    const kernel = new NftBans(host.tool)
    const bans = await open(kernel)
    bans.set([wish('10.79.0.2', 2)])
    await until(async () => (await held(bans)).length === 1, 'the ban')
    await bans.stop()
    const session = peer(outside, 'connect', '10.79.0.2', '10.79.0.1', PORT)
    await session.says('connected')
    assert.deepEqual(await kernel.list(), [])
    await kernel.liftAll()
    session.end()
  })

  test('a protected address is served though somebody else has put it into our sets', async () => {
    const kernel = new NftBans(host.tool)
    facts.entries = [entry('10.79.0.2', 'gateway')]
    const bans = await open(kernel)
    host.run('nft', 'add element inet picket block4 { 10.79.0.2 }')
    const session = peer(outside, 'connect', '10.79.0.2', '10.79.0.1', PORT)
    await session.isServed()
    await bans.reconcile()
    assert.deepEqual(await held(bans), [])
    facts.entries = []
    await bans.stop()
    await kernel.liftAll()
    session.end()
  })

  test('F40 after a flush of the whole rule set bans are back with the time that remains', async () => {
    const kernel = new NftBans(host.tool)
    const bans = await open(kernel)
    bans.set([wish('10.79.0.2', 300), wish('198.51.100.0/24', 300)])
    await until(async () => (await held(bans)).length === 2, 'the bans')
    const begun = Date.now()
    await until(() => Date.now() - begun > 3_000, 'some of the time to pass')
    host.run('nft', 'flush', 'ruleset')
    await until(async () => (await held(bans)).length === 2, 'the bans to be back')
    for (const { seconds } of await bans.list()) assert.ok(seconds < 298 && seconds > 200, String(seconds))
    await bans.stop()
    await kernel.liftAll()
  })

  test('a rule or an element that somebody took away is put back at the next comparison', async () => {
    const kernel = new NftBans(host.tool)
    const bans = await open(kernel)
    bans.set([wish('10.79.0.2', 300)])
    await until(async () => (await held(bans)).length === 1, 'the ban')
    host.run('nft', 'flush', 'chain', 'inet', 'picket', 'prerouting')
    host.run('nft', 'flush', 'set', 'inet', 'picket', 'block4')
    await bans.reconcile()
    assert.deepEqual(await held(bans), ['10.79.0.2'])
    assert.match(host.run('nft', 'list', 'chain', 'inet', 'picket', 'prerouting'), /@block4/)
    await bans.stop()
    await kernel.liftAll()
  })
})
