/** What a host knows of itself, read from what the system's tools print. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printPrefix } from '@picket/schemas'
import { HeldSessions } from '../../src/adapters/enforcement/held-sessions.ts'
import { SystemFacts } from '../../src/adapters/enforcement/system-facts.ts'
import {
  addressesOfWho,
  gatewaysOfRoutes,
  resolversOf,
} from '../../src/adapters/enforcement/system-facts-text.ts'

test('gateways are those of all routes and of their next hops', () => {
  const routes = [
    { dst: 'default', gateway: '10.0.0.1', dev: 'eth0' },
    { dst: '10.0.0.0/24', dev: 'eth0' },
    { dst: 'default', nexthops: [{ gateway: '10.0.0.2' }, { via: { family: 'inet6', host: 'fe80::2' } }] },
  ]
  assert.deepEqual(gatewaysOfRoutes(JSON.stringify(routes)), ['10.0.0.1', '10.0.0.2', 'fe80::2'])
  assert.deepEqual(gatewaysOfRoutes(''), [])
  assert.deepEqual(gatewaysOfRoutes('{}'), [])
})

test('resolvers are read without comments, options and zones', () => {
  const text =
    '# nameserver 192.0.2.1\nsearch example.org\nnameserver 192.0.2.53\n nameserver fe80::1%eth0\noptions ndots:1'
  assert.deepEqual(resolversOf(text), ['192.0.2.53', 'fe80::1'])
})

test('of who is logged in, those from elsewhere count', () => {
  const text = [
    'root     pts/0        2026-11-25 21:00 203.0.113.9',
    'ann      pts/1        2026-11-25 21:00 (2001:db8::7)',
    'bob      tty1         2026-11-25 21:00',
    'eve      pts/2        2026-11-25 21:00 (host.example.org)',
  ].join('\n')
  assert.deepEqual(addressesOfWho(text), ['203.0.113.9', '2001:db8::7'])
})

test('a connection to sshd is a session once it has outlived the time for a login', () => {
  const held = new HeldSessions([22])
  const session = '0 0 10.0.0.5:22 203.0.113.9:51000'
  const v6 = '0 0 [2001:db8::5]:22 [2001:db8::9]:51000'
  const web = '0 0 10.0.0.5:443 198.51.100.1:51000'
  const listing = [session, v6, web].join('\n')
  assert.deepEqual(held.see(listing, 0), [])
  assert.deepEqual(held.see(listing, 100_000), [])
  assert.deepEqual(held.see(listing, 150_000), ['203.0.113.9', '2001:db8::9'])
  // Whoever connects again and again is never one.
  for (let i = 0; i < 5; i++)
    assert.deepEqual(held.see(`0 0 10.0.0.5:22 198.51.100.7:${4_000 + i}`, i * 200_000), [])
})

test('this machine knows its own addresses and the peers that it is told', async () => {
  const facts = new SystemFacts({ peers: ['127.0.0.1:9092', '[::1]:6379'], adminPorts: [22] })
  const { entries } = await facts.read()
  const named = entries.map(({ prefix, reason }) => `${reason} ${printPrefix(prefix)}`)
  for (const text of ['own-address 127.0.0.1', 'peer 127.0.0.1', 'peer ::1'])
    assert.ok(named.includes(text), text)
})

test('a peer that cannot be resolved is told, and what was known before holds on', async () => {
  const facts = new SystemFacts({ peers: ['no-such-host.invalid:9092'], adminPorts: [] })
  const { faults } = await facts.read()
  assert.ok(
    faults.some((fault) => fault.startsWith('peer no-such-host.invalid:9092')),
    faults.join(),
  )
})
