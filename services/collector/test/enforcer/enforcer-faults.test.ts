/** The enforcer when something is wrong with it or around it: caps, no right, restarts, no broker, a firewall that fails. */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { DryRunBans } from '../../src/adapters/enforcement/dry-run.ts'
import { Bed, entry, pinned, until } from './bed.ts'
import { KeptKernel } from './kept-kernel.ts'
import { LateGroup } from './late-group.ts'
import { NoBroker } from './no-broker.ts'

let bed: Bed
afterEach(() => bed.close())

test('F42 beyond the caps it brakes, says so, and keeps what it has', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const caps = { total: 3, perMinute: 4, widestV4: 24, widestV6: 64 }
  const enforcer = await bed.start(kernel, { caps })
  for (let i = 1; i <= 6; i++) {
    await bed.ban(`203.0.113.${i}`, 600)
    await until(async () => (await bed.outcome(`203.0.113.${i}`)) !== 'none', 'an outcome')
  }
  const outcomes = await Promise.all([1, 2, 3, 4, 5, 6].map((i) => bed.outcome(`203.0.113.${i}`)))
  assert.deepEqual(outcomes, [
    'applied',
    'applied',
    'applied',
    'refused cap-total',
    'refused cap-rate',
    'refused cap-rate',
  ])
  assert.deepEqual(kernel.subjects(), ['203.0.113.1', '203.0.113.2', '203.0.113.3'])
  const { reasons } = enforcer.healthy()
  assert.ok(reasons.includes('brake: 2 bans are held back (cap-rate)'), reasons.join('; '))
  assert.ok(reasons.includes('brake: 1 bans are held back (cap-total)'))
})

test('a dry run bans nothing, and each receipt says so', async () => {
  bed = new Bed()
  await bed.start(new DryRunBans())
  await bed.ban('203.0.113.1', 60)
  await bed.untilOutcome('203.0.113.1', 'refused dry-run')
  const receipt = (await bed.receipts()).find(({ subject }) => subject === '203.0.113.1')
  assert.match(receipt?.why ?? '', /would have been banned/)
  assert.equal(receipt?.kernelReadBack, 0)
})

test('a restart computes no signature twice and says nothing twice', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.start(kernel)
  for (let i = 1; i <= 20; i++) await bed.ban(`203.0.113.${i}`, 600)
  await bed.untilOutcome('203.0.113.20', 'applied')
  await until(async () => (await bed.receipts()).length === 20, '20 receipts')
  await bed.stop()
  const applied = kernel.applied
  const again = await bed.start(kernel)
  assert.equal(again.signaturesComputed, 0)
  assert.equal(kernel.applied, applied)
  await bed.ban('203.0.113.21', 600)
  await bed.untilOutcome('203.0.113.21', 'applied')
  assert.equal((await bed.receipts()).length, 21)
})

test('what was lifted while this host was off is not put back for an instant', async () => {
  bed = new Bed()
  const before = new KeptKernel()
  await bed.ban('203.0.113.1', 600)
  await bed.start(before)
  await bed.stop()
  await bed.ban('203.0.113.1', 0)
  const kernel = new KeptKernel()
  await bed.start(kernel)
  await bed.untilOutcome('203.0.113.1', 'lifted')
  assert.equal(kernel.applied, 0)
})

test('a start reads the kernel once before its bans and once after', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.ban('203.0.113.1', 600)
  await bed.start(kernel)
  assert.deepEqual([kernel.applied, kernel.listed], [1, 2])
})

test('F40 without a broker a host that was booted anew gets back what it had, and nothing is lifted', async () => {
  bed = new Bed()
  const before = new KeptKernel()
  await bed.start(before)
  await bed.ban('203.0.113.1', 600)
  await bed.untilOutcome('203.0.113.1', 'applied')
  await bed.stop()
  const booted = new KeptKernel()
  booted.put('198.51.100.9', 60)
  await bed.begin(booted, { offlineAfterMs: 50 }, pinned([bed.key, 'pinned']), new NoBroker())
  await until(() => booted.subjects().length === 2, 'the ban to be put back')
  assert.ok((booted.left('203.0.113.1') ?? 0) <= 600)
  await bed.stop()
  await bed.start(booted)
  assert.deepEqual(booted.subjects(), ['203.0.113.1'])
})

test('where the group forms late, what was read holds: a ban can be lifted', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  let form = (): void => undefined
  const formed = new Promise<void>((resolve) => {
    form = resolve
  })
  await bed.ban('203.0.113.1', 600)
  const late = 200
  const keys = pinned([bed.key, 'pinned'])
  await bed.begin(kernel, { offlineAfterMs: late }, keys, new LateGroup(bed.queue, formed))
  const began = performance.now()
  await until(() => kernel.subjects().length === 1, 'the ban')
  await until(() => performance.now() - began > 3 * late, 'the time to pass after which there is no broker')
  form()
  await bed.ban('203.0.113.1', 0)
  await bed.untilOutcome('203.0.113.1', 'lifted')
  assert.deepEqual(kernel.subjects(), [])
})

test('bans reach this host while its group still gives the topic to one that has died, or bears its name', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const others: number[] = []
  const dead = await bed.queue.subscribe(
    { topic: 'bans', group: 'picket-enforcer-web1' },
    {
      assigned: async (_, { end }) => end,
      messages: async (partition, messages) => void others.push(partition, messages.length),
      revoked: async () => undefined,
    },
  )
  await bed.start(kernel)
  const producer = await bed.queue.producer()
  for (const partition of [0, 1, 2])
    await producer.send('bans', partition, [{ key: null, value: bed.signed(`203.0.113.${partition}`, 600) }])
  for (const partition of [0, 1, 2]) await bed.untilOutcome(`203.0.113.${partition}`, 'applied')
  assert.ok(others.length > 0, 'the group gave the other one nothing: the test shows nothing')
  await dead.stop()
})

test('F41 a firewall that fails is told, and tried until it works', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const enforcer = await bed.start(kernel)
  kernel.failure = 'nft: cannot run'
  await bed.ban('203.0.113.1', 600)
  await bed.untilOutcome('203.0.113.1', 'failed')
  assert.match(enforcer.healthy().reasons.join(), /nft: cannot run/)
  kernel.failure = undefined
  await bed.untilOutcome('203.0.113.1', 'applied')
  assert.deepEqual(enforcer.healthy().reasons, [])
})

test('a heartbeat tells the figures and the faults', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  bed.facts.entries = [entry('203.0.113.2', 'gateway')]
  await bed.ban('203.0.113.1', 600)
  await bed.ban('203.0.113.2', 600)
  await bed.start(kernel)
  await bed.untilOutcome('203.0.113.1', 'applied')
  await bed.stop()
  const last = (await bed.heartbeats()).at(-1)
  assert.equal(last?.state, 'stopping')
  const { bansInKernel, wished, refused } = last?.numbers ?? {}
  assert.deepEqual([bansInKernel, wished, refused], [1, 2, 1])
})

test('bans stay in the kernel when the enforcer ends', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.start(kernel)
  await bed.ban('203.0.113.1', 600)
  await bed.untilOutcome('203.0.113.1', 'applied')
  await bed.stop()
  assert.deepEqual(kernel.subjects(), ['203.0.113.1'])
})
