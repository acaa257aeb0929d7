/** F28: a responder whose own clock is hours off decides by the broker's, from its first alert on. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { MemoryQueue, MemoryStore, Metrics, makeLogger, type Producer } from '@picket/runtime'
import { newSigningKey } from '@picket/runtime/bans'
import { MESSAGES } from '@picket/schemas/messages'
import { ResponseState } from '../src/adapters/bans/response-state.ts'
import { type Channel, DEFAULT_MAIL_BUDGET, type Notice, type Sent } from '../src/index.ts'
import { type Responder, startResponder } from '../src/main.ts'
import { alertMessage, SETTINGS } from './bed.ts'
import { BAN_RULE, policyOf } from './decide/deciding.ts'

const HOUR_MS = 3_600_000
const PARTITIONS = 4
const NAMES = ['packets', 'contacts', 'alerts', 'receipts', 'bans'].map((topic) => [
  `picket.${topic}`,
  PARTITIONS,
])

const running: Responder[] = []
const queues: MemoryQueue[] = []
after(async () => {
  await Promise.all(running.map((responder) => responder.stop()))
  await Promise.all(queues.map((queue) => queue.close()))
})

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

/** Which answers as late as a broker does. */
class SlowQueue extends MemoryQueue {
  override async producer(): Promise<Producer> {
    const producer = await super.producer()
    return {
      send: async (...request) => {
        await pause(50)
        return producer.send(...request)
      },
      sendAll: (...request) => producer.sendAll(...request),
      close: () => producer.close(),
    }
  }
}

function queueAhead(ms: number): MemoryQueue {
  const topics = { ...Object.fromEntries(NAMES), 'picket.dead-letters': 1 }
  const queue = new SlowQueue({ topics, now: () => Date.now() + ms })
  queues.push(queue)
  return queue
}

function start(
  queue: MemoryQueue,
  store: MemoryStore,
  name: string,
  channels: readonly Channel[],
): Responder {
  const log = makeLogger({ level: 'error', format: 'json' }, { write: () => undefined })
  const response = {
    ...{ policy: policyOf([BAN_RULE]), operations: [], budget: DEFAULT_MAIL_BUDGET, console: undefined },
    ...{ allow: [], confirmSeconds: 30, remarks: [] },
  }
  const outside = { queue, store, log, metrics: new Metrics(), sinks: [], channels, key: newSigningKey() }
  const responder = startResponder({ ...SETTINGS, instance: name, reporter: name, response }, outside)
  running.push(responder)
  return responder
}

async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what}`)
    await pause(5)
  }
}

for (const [hours, what] of [
  [2, 'behind'],
  [-2, 'ahead of'],
] as const) {
  test(`F28 with this responder's clock two hours ${what} the broker's, an alert that waits is told, and banned for as long as it should`, async () => {
    const [queue, store, hook] = [queueAhead(hours * HOUR_MS), new MemoryStore(), new Hook()]
    await new ResponseState(store).settings.update((before) => ({ ...before, enabled: true }))
    const brokerNow = Date.now() + hours * HOUR_MS
    const { incident, ...alert } = alertMessage(1)
    const seen = { firstSeen: brokerNow - 5_000, lastSeen: brokerNow }
    const value = MESSAGES.alert.encode({
      ...alert,
      ...{ time: brokerNow, logged: brokerNow, incident: { ...incident, ...seen } },
    })
    await (await queue.producer()).send('picket.alerts', 0, [{ key: null, value }])
    const responder = start(queue, store, 'own', [hook])
    await until(() => hook.notices.length === 1, 'the notice')
    const [notice] = hook.notices
    assert.equal(notice?.kind === 'incident' && notice.decision.outcome, 'banned')
    const [listed] = (await responder.response?.response.bans.list()) ?? []
    const seconds = ((listed?.until ?? 0) - brokerNow) / 1_000
    assert.ok(seconds >= 3_600 && seconds < 3 * 3_600 - 1, String(seconds))
  })
}

test('F28 each of several responders knows the broker’s time, whoever reads its heartbeats', async () => {
  const [queue, store] = [queueAhead(2 * HOUR_MS), new MemoryStore()]
  const both = ['one', 'two'].map((name) => start(queue, store, name, []))
  await until(() => both.every((responder) => responder.ready().ok), 'both to be ready')
  for (const responder of both) {
    const { now } = await responder.view()
    assert.ok(Math.abs(now - Date.now() - 2 * HOUR_MS) < HOUR_MS, String(now))
  }
})
