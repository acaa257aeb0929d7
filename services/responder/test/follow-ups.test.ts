/** Follow-ups of one partition, over a store in memory whose clock the test sets. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore } from '@picket/runtime'
import { type FollowUp, FollowUps } from '../src/adapters/bans/follow-ups.ts'
import { Seat } from '../src/adapters/seat.ts'
import type { Asked } from '../src/index.ts'
import { idOf } from './bed.ts'
import { noticeOf } from './tell/notices.ts'

const ASKED: Asked = { subject: '203.0.113.9', revision: 1, hosts: ['web1'] }
const MOST = 500
const NAME = 'alerts:0'

function late(number: number): FollowUp {
  return { notice: noticeOf({ id: idOf(number) }), channels: ['hook'], asked: ASKED, dueAt: 60_000 }
}

async function newFollowUps() {
  const clock = { now: 1_000 }
  const store = new MemoryStore(() => clock.now)
  const told: string[] = []
  const answers = { missing: ['web1'], refused: [] as { host: string; why: string }[] }
  const followUps = new FollowUps({
    now: () => clock.now,
    operations: () => [],
    homeOf: () => 0,
    answersTo: () => ({ hosts: 1, applied: [], failed: [], ...answers }),
    tell: async (_, { alert }) => void told.push(alert.id),
  })
  const { epoch } = await store.claim(NAME)
  await followUps.own(new Seat({ store, topic: 'alerts', partition: 0, epoch, ttlSeconds: 86_400 }))
  return { clock, store, told, followUps, answers }
}

test('where too many wait for their hosts, the oldest are told, and as many as are too many', async () => {
  const { told, followUps } = await newFollowUps()
  for (let number = 0; number < MOST + 3; number++) await followUps.keep(late(number))
  await followUps.look()
  assert.deepEqual(told, [idOf(0), idOf(1), idOf(2)])
})

test('what has come to its end is out of the store a second later', async () => {
  const { clock, store, told, followUps } = await newFollowUps()
  await followUps.keep(late(1))
  clock.now = 60_000
  await followUps.look()
  assert.deepEqual(told, [idOf(1)])
  clock.now += 1_000
  assert.deepEqual(await store.load(NAME, [`f${idOf(1)}`]), [null])
})

test('nothing is said of hosts before their notice is queued', async () => {
  const { told, followUps, answers } = await newFollowUps()
  answers.missing = []
  answers.refused = [{ host: 'web1', why: 'it is the gateway' }]
  await followUps.begin(late(1))
  await followUps.look()
  assert.deepEqual(told, [])
  await followUps.keep(late(1))
  await followUps.look()
  assert.deepEqual(told, [idOf(1)])
})
