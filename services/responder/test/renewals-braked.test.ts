/** Renewals that a cap refuses, and how often they look: by a clock of the test. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { MemoryStore } from '@picket/runtime'
import { MESSAGES } from '@picket/schemas/messages'
import type { Outcome } from '../src/adapters/bans/ban-desk.ts'
import { Renewals } from '../src/adapters/bans/renewals.ts'
import { encodeIncident, incidentKey } from '../src/adapters/stored-values.ts'
import { type BanRecord, type BanRequest, type DecisionCode, reason } from '../src/index.ts'
import { alertMessage, idOf } from './bed.ts'
import { decided, NOW } from './decide/deciding.ts'

const ENDED = [1, 2, 3]

let now: number
let packets: number
let refusal: DecisionCode
let asked: string[]
let loads: number
let store: MemoryStore
let renewals: Renewals

function sourceOf(number: number): string {
  return `203.0.113.${number}`
}

/** A ban by a rule that ended a second ago. */
function endedBan(number: number): BanRecord {
  const [from, until] = [NOW - 61_000, NOW - 1_000]
  return {
    ...{ subject: sourceOf(number), incident: idOf(number), by: 'rule', revision: 1, end: until },
    ...{ wishes: [{ hosts: [], from, until, why: 'test' }], past: [], requests: [], isTombstoned: false },
  }
}

async function place({ subject }: BanRequest): Promise<Outcome> {
  asked.push(subject)
  return { ok: false, reason: reason(refusal, 'of the test') }
}

class CountedStore extends MemoryStore {
  override load(...args: Parameters<MemoryStore['load']>): ReturnType<MemoryStore['load']> {
    loads++
    return super.load(...args)
  }
}

const ALERTS = ENDED.map((number) => {
  const alert = alertMessage(number)
  return { ...alert, incident: { ...alert.incident, source: sourceOf(number) } }
})

async function keep(partition: string, values: readonly (readonly [string, Uint8Array])[]): Promise<void> {
  const { epoch } = await store.claim(partition)
  const puts = values.map(([key, value]) => ({ key, value, ttlSeconds: 600 }))
  await store.note(partition, epoch, puts)
}

beforeEach(async () => {
  store = new CountedStore()
  ;[now, packets, refusal, asked, loads] = [NOW, 100, 'cap-rate', [], 0]
  const stored = ALERTS.map((alert) => {
    const { id, revision, incident } = alert
    const standing = { incident: incident.id, alert: id, revision, lastSeen: NOW, told: null }
    return [incidentKey(incident.id), encodeIncident(standing, MESSAGES.alert.encode(alert))] as const
  })
  await keep('alerts:0', stored)
  renewals = new Renewals({
    ...{ store, now: () => now, partitions: () => 1, sizes: { of: async () => 1 }, leastPackets: () => 2 },
    bans: { mode: 'enabled', records: ENDED.map(endedBan), place },
    decide: ({ incident }) => decided(incident),
  })
})

/** As the detector writes the incidents each second. */
async function allGoOn(): Promise<void> {
  packets += 100
  const views = ALERTS.map((alert) => {
    const incident = { ...alert.incident, packets, lastSeen: now }
    return [`i${incident.id}`, MESSAGES.alert.encode({ ...alert, revision: 0, rose: [], incident })] as const
  })
  await keep('packets:0', views)
}

/** One look each second, as the responder asks for it; every source goes on. */
async function seconds(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    now += 1_000
    await allGoOn()
    await renewals.look()
  }
}

test('a cap that refuses one renewal ends the look, and no other is tried for a minute', async () => {
  await seconds(30)
  assert.equal(asked.length, 1)
  await seconds(60)
  assert.equal(asked.length, 2)
})

test('what is refused for itself does not keep the others waiting', async () => {
  refusal = 'too-wide'
  await seconds(10)
  assert.deepEqual([...new Set(asked)].sort(), ENDED.map(sourceOf))
})

test('what ended is loaded every five seconds, also after the clock was set back', async () => {
  refusal = 'too-wide'
  await seconds(1)
  const once = loads
  await seconds(10)
  assert.equal(loads, 3 * once)
  now -= 3_000
  await seconds(1)
  assert.equal(loads, 4 * once)
})
