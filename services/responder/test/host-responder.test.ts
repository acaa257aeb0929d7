/** The responder of one host: what its host says reaches the notice, and what it keeps outlives it. */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { JournalledStore, MemoryQueue, Metrics, makeLogger } from '@picket/runtime'
import { newSigningKey } from '@picket/runtime/bans'
import type { Alert, Incident } from '@picket/schemas'
import { MESSAGES } from '@picket/schemas/messages'
import {
  type Channel,
  DEFAULT_MAIL_BUDGET,
  type DecisionRule,
  type IncidentNotice,
  type Notice,
  type Reason,
  reason,
  type Sent,
} from '../src/index.ts'
import { type Host, HostResponder, ResponderEvents } from '../src/main.ts'
import { alertOf } from './alerts.ts'
import { idOf } from './bed.ts'
import { BAN_RULE, policyOf } from './decide/deciding.ts'

class Hook implements Channel {
  readonly name = 'hook'
  readonly type = 'webhook'
  readonly notices: IncidentNotice[] = []

  async send(notice: Notice): Promise<Sent> {
    this.notices.push(notice as IncidentNotice)
    return { ok: true, answer: 'HTTP 202' }
  }

  async close(): Promise<void> {}
}

const NOT_PROTECTED: (subject: string) => Reason | undefined = () => undefined

class Bed {
  readonly queue = new MemoryQueue({
    topics: { 'run.packets': 1, 'run.alerts': 1, 'run.bans': 1, 'run.receipts': 1, 'run.dead-letters': 1 },
  })
  readonly hook = new Hook()
  readonly journal: Uint8Array[] = []
  #running: HostResponder | undefined
  isEnforcing = true
  readonly standing = new Map<string, Incident>()
  #enforcer: NodeJS.Timeout | undefined

  async start(
    protects: Host['protects'] = NOT_PROTECTED,
    rule: DecisionRule = BAN_RULE,
  ): Promise<HostResponder> {
    const log = makeLogger({ level: 'error', format: 'json' }, { write: () => undefined })
    const metrics = new Metrics()
    const kept = [...this.journal]
    const store = new JournalledStore({ journal: (record) => this.journal.push(record) })
    for (const record of kept) store.replay(record)
    const [policy, budget] = [policyOf([rule]), DEFAULT_MAIL_BUDGET]
    this.#running = new HostResponder(
      {
        prefix: 'run',
        incidents: { keptSeconds: 86_400, most: 100 },
        response: {
          policy,
          budget,
          operations: [],
          console: undefined,
          allow: [],
          confirmSeconds: 30,
          remarks: [],
        },
      },
      {
        ...{ queue: this.queue, store, log, metrics, channels: [this.hook], enricher: undefined },
        ...{ key: newSigningKey(), sinkEvents: new ResponderEvents(log, metrics) },
        host: { name: 'vps1', protects, isEnforcing: () => this.isEnforcing },
        current: (source) => this.standing.get(source),
      },
    )
    await this.#running.start()
    return this.#running
  }

  /** What an enforcer would say to each ban. */
  async answer(outcome: string, why: string): Promise<void> {
    const producer = await this.queue.producer()
    const who = { service: 'enforcer', instance: 'e', reporter: 'vps1', version: '0' }
    const send = async (what: object): Promise<void> => {
      const value = MESSAGES.receipt.encode({ ...who, time: Date.now(), heartbeat: null, ban: null, ...what })
      await producer.send('run.receipts', 0, [{ key: null, value }])
    }
    const numbers = {}
    await send({ heartbeat: { started: 1, everyMs: 60_000, state: 'running', faults: [], numbers } })
    let next = 0
    this.#enforcer = setInterval(async () => {
      const { end } = await this.queue.extent('run.bans', 0)
      for await (const { value } of this.queue.read('run.bans', 0, next, end)) {
        const ban = MESSAGES.ban.decode(value ?? new Uint8Array(0))
        assert.ok(ban.ok)
        const { subject, revision } = ban.value
        await send({ ban: { subject, revision, outcome, why, kernelReadBack: 0 } })
      }
      next = end
    }, 5)
  }

  /** As if it were killed: nothing of it is asked again. */
  async stop(): Promise<void> {
    clearInterval(this.#enforcer)
    await this.#running?.stop()
    this.#running = undefined
  }

  async notice(at = 0): Promise<IncidentNotice> {
    const deadline = performance.now() + 20_000
    while (this.hook.notices.length <= at) {
      if (performance.now() > deadline) throw new Error(`waited for notice ${at}`)
      await pause(5)
    }
    return this.hook.notices[at] as IncidentNotice
  }
}

let bed: Bed
afterEach(() => bed.stop())

function alertNow(number: number, time = Date.now()): Alert {
  const seen = { firstSeen: time, lastSeen: time }
  return {
    ...alertOf({ id: idOf(number), source: `203.0.113.${number}`, ...seen }),
    id: idOf(1_000 + number),
    time,
  }
}

async function enable({ response: { response } }: HostResponder): Promise<void> {
  const { bans } = response
  bans.useSettings(await bans.state.settings.update((before) => ({ ...before, enabled: true })))
}

test('a ban that the host has done is told as done, on this host by its name', async () => {
  bed = new Bed()
  await bed.answer('applied', 'rule')
  const responder = await bed.start()
  await enable(responder)
  await responder.take(alertNow(1))
  const { decision } = await bed.notice()
  assert.deepEqual([decision.outcome, decision.subject, decision.hosts], ['banned', '203.0.113.1', ['vps1']])
  assert.match(decision.reasons.join(), /banned 203\.0\.113\.1 for 1 hour.* on vps1/)
})

test('a ban that the host refuses is not told as a ban, and why', async () => {
  for (const [why, outcome, said] of [
    ['logged-in: somebody is logged in from there', 'none', /this host refuses \(logged-in: somebody/],
    ['dry-run: it would have been banned', 'would-ban', /this host cannot ban \(dry-run/],
  ] as const) {
    bed = new Bed()
    await bed.answer('refused', why)
    const responder = await bed.start()
    await enable(responder)
    await responder.take(alertNow(1))
    const { decision } = await bed.notice()
    assert.equal(decision.outcome, outcome)
    assert.match(decision.reasons.join(), said)
    assert.doesNotMatch(decision.reasons.join(), /^banned|,banned/)
    await bed.stop()
  }
})

test('whom the host protects is never said to be banned, not in a dry run either', async () => {
  bed = new Bed()
  const responder = await bed.start((subject) =>
    reason('host-refused', `not banned: ${subject} is a gateway`),
  )
  await responder.take(alertNow(1))
  const { decision } = await bed.notice()
  assert.deepEqual([decision.outcome, decision.subject], ['none', null])
  assert.match(decision.reasons.join(), /203\.0\.113\.1 is a gateway/)
  const { incidents } = await responder.view()
  const codes = incidents[0]?.decisions[0]?.reasons.map(({ code }) => code)
  assert.ok(codes?.includes('host-refused') && !codes.includes('would-ban'))
})

test('a ban for other hosts, or one that nothing carries out, is not told as a ban', async () => {
  bed = new Bed()
  await bed.answer('applied', 'rule')
  const responder = await bed.start(NOT_PROTECTED, { ...BAN_RULE, banHosts: ['web9'] })
  await enable(responder)
  await responder.take(alertNow(1))
  assert.match((await bed.notice()).decision.reasons.join(), /the rule bans on other hosts only/)
  bed.isEnforcing = false
  await responder.take(alertNow(2))
  const { decision } = await bed.notice(1)
  assert.equal(decision.outcome, 'none')
  assert.match(decision.reasons.join(), /nothing bans on this host just now/)
})

test('an alert that comes again is told once, also to the next life, which knows bans, decisions and what is allowed', async () => {
  bed = new Bed()
  await bed.answer('applied', 'rule')
  const first = await bed.start()
  await enable(first)
  await first.take(alertNow(1))
  await bed.notice()
  await bed.stop()
  bed.isEnforcing = true
  const second = await bed.start()
  const { bans } = second.response.response
  assert.deepEqual([bans.mode, bans.inForce], ['enabled', 1])
  await second.take(alertNow(1))
  await second.take(alertNow(1, Date.now() + 1))
  await second.take({ ...alertNow(3), time: Date.now() - 2 * 3_600_000 })
  const { incidents } = await second.view()
  assert.deepEqual(incidents.map(({ told }) => told?.level).sort(), [3, undefined])
  assert.equal((await second.alerts(0)).length, 2)
  assert.equal((await second.alerts(Date.now() - 3_600_000)).length, 1)
  await bed.stop()
  assert.equal(bed.hook.notices.length, 1)
})

test('what was in force lies on the topic as soon as it has started, under the key of this life', async () => {
  bed = new Bed()
  const first = await bed.start()
  await enable(first)
  const { bans } = first.response.response
  const request = { id: 'hand', subject: '203.0.113.5', seconds: 600, hosts: [], why: 'test' }
  await bans.place({ ...request, by: 'hand' })
  const { end } = await bed.queue.extent('run.bans', 0)
  await bed.stop()
  await bed.start()
  const after = await bed.queue.extent('run.bans', 0)
  assert.ok(after.end > end)
})

test('an incident is shown as it now stands, not as it was when it last rose', async () => {
  bed = new Bed()
  const responder = await bed.start()
  const { incident } = alertNow(1)
  await responder.take(alertNow(1))
  const packets = async (): Promise<number | undefined> =>
    (await responder.view()).incidents[0]?.incident.packets
  assert.equal(await packets(), incident.packets)
  bed.standing.set('203.0.113.1', { ...incident, packets: 5_000 })
  assert.equal(await packets(), 5_000)
  bed.standing.set('203.0.113.1', { ...incident, id: idOf(9), packets: 6_000 })
  assert.equal(await packets(), incident.packets, 'another incident of that source is none of this one')
})

test('a source that goes on after its ban is banned again, by what the detector sees of it now', async () => {
  bed = new Bed()
  await bed.answer('applied', 'rule')
  const responder = await bed.start(NOT_PROTECTED, { ...BAN_RULE, banSeconds: 1 })
  await enable(responder)
  const { incident } = alertNow(1)
  await responder.take(alertNow(1))
  await bed.notice()
  const { bans } = responder.response.response
  const [first] = bans.records
  const deadline = performance.now() + 20_000
  for (
    let packets = incident.packets;
    (bans.records[0]?.revision ?? 0) <= (first?.revision ?? 0);
    packets++
  ) {
    if (performance.now() > deadline) assert.fail('it was not banned again')
    bed.standing.set('203.0.113.1', { ...incident, packets, lastSeen: Date.now() })
    await pause(50)
  }
  assert.match(bans.records[0]?.wishes[0]?.why ?? '', /^went on after its ban/)
  assert.equal(bed.hook.notices.length, 1)
})
