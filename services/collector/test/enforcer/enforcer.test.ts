/**
 * The enforcer over a queue in memory, with a kernel that keeps what it is told: what it obeys, what it refuses, what it says.
 */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { newSigningKey } from '@picket/runtime/bans'
import { Bed, entry, pinned, until } from './bed.ts'
import { KeptKernel } from './kept-kernel.ts'

let bed: Bed
afterEach(() => bed.close())

const HOUR_MS = 3_600_000

test('bans of the topic are in the kernel when it is ready, and later ones follow', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.ban('203.0.113.1', 60)
  await bed.start(kernel)
  assert.deepEqual(kernel.subjects(), ['203.0.113.1'])
  await bed.ban('2001:db8:1:2::/64', 60)
  await bed.untilOutcome('2001:db8:1:2::/64', 'applied')
  await bed.untilOutcome('203.0.113.1', 'applied')
  assert.deepEqual(kernel.subjects(), ['2001:db8:1:2::/64', '203.0.113.1'])
  const receipt = (await bed.receipts()).find(({ subject }) => subject === '203.0.113.1')
  assert.ok(Math.abs((receipt?.kernelReadBack ?? 0) - Date.now()) < 60_000)
})

test('a higher revision lifts, an old one and a tombstone change nothing', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.start(kernel)
  const old = bed.signed('203.0.113.1', 600)
  await bed.publish(old)
  await bed.untilOutcome('203.0.113.1', 'applied')
  await (await bed.queue.producer()).send('bans', 0, [{ key: null, value: null }])
  await bed.ban('203.0.113.2', 60)
  await bed.untilOutcome('203.0.113.2', 'applied')
  assert.ok(kernel.subjects().includes('203.0.113.1'))
  await bed.ban('203.0.113.1', 0)
  await bed.untilOutcome('203.0.113.1', 'lifted')
  await bed.publish(old)
  await bed.untilOutcome('203.0.113.1', 'refused revision-old')
  assert.deepEqual(kernel.subjects(), ['203.0.113.2'])
})

test('an old message is refused after a restart too, though the newer one was compacted away', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const old = bed.signed('203.0.113.1', 600)
  const lifted = bed.signed('203.0.113.1', 0)
  await bed.start(kernel)
  await bed.publish(old, lifted)
  await bed.untilOutcome('203.0.113.1', 'lifted')
  await bed.stop()
  bed.queue.trim('bans', 0, (await bed.queue.extent('bans', 0)).end)
  await bed.publish(old)
  await bed.start(kernel)
  await bed.untilOutcome('203.0.113.1', 'refused revision-old')
  assert.deepEqual(kernel.subjects(), [])
})

test('messages in any order end at the highest revision', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const [first, second, third] = [60, 0, 120].map((seconds) => bed.signed('203.0.113.1', seconds))
  await bed.publish(third as Uint8Array, first as Uint8Array, second as Uint8Array, third as Uint8Array)
  await bed.start(kernel)
  assert.ok((kernel.left('203.0.113.1') ?? 0) > 60)
})

test('F39 a ban that ended while this host was off is not carried out, and said to have expired', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.ban('203.0.113.1', 60, { from: Date.now() - 120_000 })
  await bed.start(kernel)
  await bed.untilOutcome('203.0.113.1', 'expired')
  assert.deepEqual(kernel.subjects(), [])
})

for (const [hours, what] of [
  [2, 'behind'],
  [-2, 'ahead'],
] as const) {
  test(`F28 with this machine's clock two hours ${what} the broker's, bans run and end as they were meant`, async () => {
    bed = new Bed(hours * HOUR_MS)
    const kernel = new KeptKernel()
    await bed.ban('203.0.113.1', 600)
    await bed.ban('203.0.113.2', 600, { from: bed.brokerNow() - HOUR_MS })
    await bed.start(kernel)
    await bed.untilOutcome('203.0.113.1', 'applied')
    await bed.untilOutcome('203.0.113.2', 'expired')
    const left = kernel.left('203.0.113.1') ?? 0
    assert.ok(left > 500 && left <= 601, String(left))
    await bed.ban('203.0.113.3', 600)
    await bed.untilOutcome('203.0.113.3', 'applied')
    assert.ok((kernel.left('203.0.113.3') ?? 0) > 500)
  })
}

test('each protected class is refused though validly signed, with its reason', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  bed.facts.entries = [
    entry('192.0.2.1', 'own-address'),
    entry('192.0.2.254', 'gateway'),
    entry('192.0.2.53', 'resolver'),
    entry('198.51.100.7', 'peer'),
  ]
  bed.facts.admins = [entry('203.0.113.200', 'logged-in')]
  await bed.start(kernel, { allow: [entry('203.0.113.0/28', 'allowlisted')] })
  const expected = {
    '192.0.2.1': 'own-address',
    '192.0.2.254': 'gateway',
    '192.0.2.0/24': 'own-address',
    '192.0.2.53': 'resolver',
    '198.51.100.7': 'peer',
    '203.0.113.9': 'allowlisted',
    '203.0.113.200': 'logged-in',
    '127.0.0.1': 'loopback',
    'fe80::1': 'link-local',
    '224.0.0.1': 'multicast',
    '255.255.255.255': 'broadcast',
    '0.0.0.0': 'unspecified',
    '198.18.0.0/15': 'too-wide',
    '2001:db8::/48': 'too-wide',
  }
  for (const subject of Object.keys(expected)) await bed.ban(subject, 60)
  await bed.ban('198.51.100.99', 60)
  for (const [subject, reason] of Object.entries(expected)) {
    if (subject !== '192.0.2.0/24') await bed.untilOutcome(subject, `refused ${reason}`)
  }
  assert.match(await bed.outcome('192.0.2.0/24'), /^refused (own-address|gateway|resolver)$/)
  await bed.untilOutcome('198.51.100.99', 'applied')
  assert.deepEqual(kernel.subjects(), ['198.51.100.99'])
})

test('who has logged in just before the ban comes is not banned', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.start(kernel)
  bed.facts.admins = [entry('203.0.113.1', 'logged-in')]
  const begun = performance.now()
  await until(() => performance.now() - begun > 1_000, 'what was known of sessions to be old')
  await bed.ban('203.0.113.1', 60)
  await bed.untilOutcome('203.0.113.1', 'refused logged-in')
})

test('an allowlist entry lifts what it covers at once', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const enforcer = await bed.start(kernel)
  await bed.ban('203.0.113.1', 600)
  await bed.untilOutcome('203.0.113.1', 'applied')
  await enforcer.use(pinned([bed.key, 'pinned']), [entry('203.0.113.0/24', 'allowlisted')])
  assert.deepEqual(kernel.subjects(), [])
  await bed.untilOutcome('203.0.113.1', 'refused allowlisted')
})

test('forged, unsigned, unknown and retired are refused, and bytes that are no ban do no harm', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const stranger = newSigningKey()
  const old = newSigningKey()
  await bed.start(kernel, {}, pinned([bed.key, 'pinned'], [old, 'retired']))
  const forged = bed.signed('203.0.113.1', 60)
  forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1
  await bed.publish(forged, new Uint8Array([1, 2, 3]), new Uint8Array(0))
  await bed.ban('203.0.113.2', 60, { key: stranger })
  await bed.ban('203.0.113.3', 60, { key: old })
  await bed.ban('203.0.113.4', 60)
  await bed.untilOutcome('203.0.113.4', 'applied')
  assert.equal(await bed.outcome('203.0.113.1'), 'refused bad-signature')
  assert.equal(await bed.outcome('203.0.113.2'), 'refused unknown-key')
  assert.equal(await bed.outcome('203.0.113.3'), 'refused retired-key')
  assert.deepEqual(kernel.subjects(), ['203.0.113.4'])
})

test('when a key is retired its bans go, and its revisions do not stand in the way of the next key', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const stolen = newSigningKey()
  const enforcer = await bed.start(kernel, {}, pinned([bed.key, 'pinned'], [stolen, 'pinned']))
  await bed.ban('203.0.113.1', 600, { key: stolen, revision: 2e15 })
  await bed.ban('203.0.113.2', 600)
  await bed.untilOutcome('203.0.113.1', 'applied')
  await bed.untilOutcome('203.0.113.2', 'applied')
  await enforcer.use(pinned([bed.key, 'pinned'], [stolen, 'retired']), [])
  assert.deepEqual(kernel.subjects(), ['203.0.113.2'])
  await until(() => enforcer.ready().ok, 'the topic to be read again')
  await bed.ban('203.0.113.1', 60)
  await bed.untilOutcome('203.0.113.1', 'applied')
})

test('a key that is retired while the enforcer is off takes its bans with it', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.start(kernel)
  await bed.ban('203.0.113.1', 600)
  await bed.untilOutcome('203.0.113.1', 'applied')
  await bed.stop()
  await bed.start(kernel, {}, pinned([bed.key, 'retired']))
  assert.deepEqual(kernel.subjects(), [])
})

test('a key that is pinned later brings what was refused before', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const next = newSigningKey()
  const enforcer = await bed.start(kernel)
  await bed.ban('203.0.113.1', 600, { key: next })
  await bed.untilOutcome('203.0.113.1', 'refused unknown-key')
  await enforcer.use(pinned([bed.key, 'pinned'], [next, 'pinned']), [])
  await bed.untilOutcome('203.0.113.1', 'applied')
})

test('bans for other hosts are not carried out, nor spoken of', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.start(kernel)
  await bed.ban('203.0.113.1', 60, { hosts: ['web2'] })
  await bed.ban('203.0.113.2', 60, { hosts: ['web2', 'web1'] })
  await bed.untilOutcome('203.0.113.2', 'applied')
  assert.equal(await bed.outcome('203.0.113.1'), 'none')
  assert.deepEqual(kernel.subjects(), ['203.0.113.2'])
})
