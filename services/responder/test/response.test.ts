/** Responders that decide, over a queue and a store in memory: several of them share the bans and the notices. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { MemoryQueue, MemoryStore, Metrics, makeLogger, type PartitionStore } from '@picket/runtime'
import { newSigningKey, publicKeyText, readPublicKey, type SigningKey, verifyBan } from '@picket/runtime/bans'
import { parseAddress, partitionOf } from '@picket/schemas'
import { type Ban, MESSAGES } from '@picket/schemas/messages'
import { type BanRequest, type Channel, DEFAULT_MAIL_BUDGET, type Notice, type Sent } from '../src/index.ts'
import { type Responder, type ResponseSettings, startResponder } from '../src/main.ts'
import { alertMessage, SETTINGS } from './bed.ts'
import { BAN_RULE, policyOf } from './decide/deciding.ts'

const PARTITIONS = 4
const NAMES = ['packets', 'contacts', 'alerts', 'receipts', 'bans'].map((topic) => [
  `picket.${topic}`,
  PARTITIONS,
])

const RESPONSE: ResponseSettings = {
  policy: policyOf([BAN_RULE]),
  operations: [],
  budget: DEFAULT_MAIL_BUDGET,
  console: undefined,
  allow: [],
  confirmSeconds: 30,
  remarks: [],
}

class Hook implements Channel {
  readonly name = 'hook'
  readonly type = 'webhook'
  readonly notices: Notice[] = []

  async send(notice: Notice): Promise<Sent> {
    this.notices.push(notice)
    return { ok: true, answer: 'HTTP 202' }
  }

  async close(): Promise<void> {}
}

class Fleet {
  readonly queue: MemoryQueue = new MemoryQueue({
    topics: { ...Object.fromEntries(NAMES), 'picket.dead-letters': 1 },
  })
  readonly key: SigningKey = newSigningKey()
  readonly hook: Hook = new Hook()
  readonly running: Responder[] = []
  store: PartitionStore = new MemoryStore()

  start(): Responder {
    const log = makeLogger({ level: 'error', format: 'json' }, { write: () => undefined })
    const { queue, store, key, hook } = this
    const outside = { queue, store, log, metrics: new Metrics(), sinks: [], channels: [hook], key }
    const responder = startResponder({ ...SETTINGS, response: RESPONSE }, outside)
    this.running.push(responder)
    return responder
  }

  async enable(responder: Responder): Promise<void> {
    const bans = bansOf(responder)
    bans.useSettings(await bans.state.settings.update((before) => ({ ...before, enabled: true })))
  }

  async alert(number: number, partition = 0): Promise<void> {
    const producer = await this.queue.producer()
    const value = MESSAGES.alert.encode(alertMessage(number))
    await producer.send('picket.alerts', partition, [{ key: null, value }])
  }

  async wished(): Promise<Map<string, Ban>> {
    const keys = new Map([[this.key.id, readPublicKey(publicKeyText(this.key.publicKey), 'test')]])
    const newest = new Map<string, Ban>()
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { start, end } = await this.queue.extent('picket.bans', partition)
      for await (const { value } of this.queue.read('picket.bans', partition, start, end)) {
        const verified = verifyBan(value ?? new Uint8Array(0), keys)
        if (verified.ok) newest.set(verified.ban.subject, verified.ban)
      }
    }
    return newest
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((responder) => responder.stop()))
    await this.queue.close()
  }
}

const fleets: Fleet[] = []
after(async () => {
  for (const fleet of fleets) await fleet.stop()
})

function newFleet(): Fleet {
  const fleet = new Fleet()
  fleets.push(fleet)
  return fleet
}

function bansOf({ response }: Responder) {
  assert.ok(response !== undefined)
  return response.response.bans
}

async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what}`)
    await pause(5)
  }
}

function byHand(subject: string): BanRequest {
  return { id: `hand ${subject}`, subject, seconds: 600, hosts: [], why: 'by hand', by: 'hand' }
}

test('a dry run tells and signs nothing; enabled, the ban lies signed in the partition of its subject', async () => {
  const fleet = newFleet()
  const responder = fleet.start()
  await fleet.alert(1)
  await until(() => fleet.hook.notices.length === 1, 'the first notice')
  assert.equal((await fleet.wished()).size, 0)
  await fleet.enable(responder)
  await fleet.alert(2)
  await until(() => fleet.hook.notices.length === 2, 'the second notice')
  const outcomes = fleet.hook.notices.map((notice) => 'decision' in notice && notice.decision.outcome)
  assert.deepEqual(outcomes, ['would-ban', 'banned'])
  assert.deepEqual([...(await fleet.wished()).keys()], ['203.0.113.9'])
})

test('what one responder is asked for another one’s partition is done by that one, and both list it', async () => {
  const fleet = newFleet()
  const responders = [fleet.start(), fleet.start()]
  await until(() => responders.every((responder) => responder.ready().ok), 'both to be ready')
  for (const responder of responders) await fleet.enable(responder)
  const subjects = Array.from({ length: 8 }, (_, host) => `198.51.100.${host}`)
  const homes = new Set(
    subjects.map((text) => partitionOf(parseAddress(text) ?? new Int32Array(4), PARTITIONS)),
  )
  assert.ok(homes.size > 1)
  for (const subject of subjects) await bansOf(responders[0] as Responder).place(byHand(subject))
  await until(async () => (await fleet.wished()).size === subjects.length, 'all bans')
  for (const responder of responders) {
    const listed = (await bansOf(responder).list()).map(({ subject }) => subject)
    assert.deepEqual(listed.sort(), [...subjects].sort())
  }
})

test('an allowlist that one responder changes lifts the bans of all', async () => {
  const fleet = newFleet()
  const responders = [fleet.start(), fleet.start()]
  await until(() => responders.every((responder) => responder.ready().ok), 'both to be ready')
  const first = bansOf(responders[0] as Responder)
  await fleet.enable(responders[0] as Responder)
  for (let host = 0; host < 8; host++) await first.place(byHand(`198.51.100.${host}`))
  await until(async () => (await fleet.wished()).size === 8, 'all bans')
  const entry = { network: '198.51.100.0/24', until: null, comment: '', from: 'command' } as const
  await first.state.settings.update((before) => ({ ...before, allow: [entry] }))
  const isLifted = async (): Promise<boolean> =>
    [...(await fleet.wished()).values()].every(({ wishes }) => wishes.length === 0)
  await until(isLifted, 'all to be lifted')
})

test('two responders send what waits for a channel once', async () => {
  const fleet = newFleet()
  const responders = [fleet.start(), fleet.start()]
  await until(() => responders.every((responder) => responder.ready().ok), 'both to be ready')
  for (let number = 0; number < 12; number++) await fleet.alert(number, number % PARTITIONS)
  await until(() => fleet.hook.notices.length >= 12, 'all notices')
  const ids = fleet.hook.notices.map(({ id }) => id)
  assert.deepEqual([ids.length, new Set(ids).size], [12, 12])
})

test('a store that was emptied costs no ban: they are taken back from the topic, and nothing new is banned before it is enabled again', async () => {
  const fleet = newFleet()
  const before = fleet.start()
  await until(() => before.ready().ok, 'it to be ready')
  await fleet.enable(before)
  await bansOf(before).place(byHand('198.51.100.1'))
  await before.stop()
  const { revision } = (await fleet.wished()).get('198.51.100.1') ?? { revision: 0 }
  fleet.store = new MemoryStore()
  const again = fleet.start()
  await until(() => bansOf(again).inForce === 1, 'the ban to be known again')
  assert.equal(bansOf(again).mode, 'dry-run')
  await bansOf(again).lift('198.51.100.1')
  const lifted = (await fleet.wished()).get('198.51.100.1')
  assert.deepEqual(lifted?.wishes, [])
  assert.ok((lifted?.revision ?? 0) > revision && revision > 0)
})
