import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import {
  type Channel,
  DEFAULT_MAIL_BUDGET,
  type MailPlan,
  type Notice,
  type NoticeQueue,
  operationalNotice,
  type Waiting,
} from '../../src/index.ts'
import { type Desk, MemoryNoticeQueue, MemoryPlanStore, NoticeDesk, openChannel } from '../../src/main.ts'
import { noticeOf } from '../tell/notices.ts'
import { HttpServer } from './http-server.ts'
import { waitUntil } from './wait-until.ts'

let a: HttpServer
let b: HttpServer
let desk: NoticeDesk | undefined
beforeEach(async () => {
  a = await new HttpServer().start()
  b = await new HttpServer().start()
})
afterEach(async () => {
  await desk?.stop(0)
  desk = undefined
  await Promise.all([a.stop(), b.stop()])
})

class Log {
  readonly lines: string[] = []
  sent = (channel: Channel, notice: Notice): void => void this.lines.push(`${channel.name} sent ${notice.id}`)
  postponed = (channel: Channel, notice: Notice): void =>
    void this.lines.push(`${channel.name} postponed ${notice.id}`)
  dead = (channel: Channel, notice: Notice, { reason }: { reason: string }): void =>
    void this.lines.push(`${channel.name} dead ${notice.id} ${reason}`)
  storeFailed = (channel: Channel, error: Error): void =>
    void this.lines.push(`${channel.name} ${error.message}`)
}

function hook(name: string, server: HttpServer): Channel {
  const http = { allow: ['127.0.0.1'], insecure: true, timeoutSeconds: 30 }
  return openChannel(name, { type: 'webhook', url: server.url, ...http }, '0.1.0')
}

async function open(log: Log, put: Partial<Desk> = {}): Promise<NoticeDesk> {
  desk = new NoticeDesk({
    channels: [hook('a', a), hook('b', b)],
    queue: new MemoryNoticeQueue(),
    plans: new MemoryPlanStore(),
    budget: DEFAULT_MAIL_BUDGET,
    operations: ['a', 'b'],
    listener: log,
    ...put,
  })
  await desk.start()
  return desk
}

function told(server: HttpServer): string[] {
  return server.requests.map(({ body }) => JSON.parse(body).id)
}

function story(n: number, kind: 'incident' | 'resolve' = 'incident'): Notice {
  return noticeOf({ kind, id: `alert${n}`, incident: { id: `incident${n}` } })
}

test('F37 a channel that hangs holds up no other', async () => {
  a.respond = () => {}
  const opened = await open(new Log())
  for (let n = 0; n < 20; n++) {
    assert.equal(await opened.tell('a', story(n)), 'queued')
    assert.equal(await opened.tell('b', story(n)), 'queued')
  }
  await waitUntil(() => b.requests.length === 20, 'b to have all')
  assert.equal(a.requests.length, 1)
  assert.equal(await opened.tell('c', story(1)), 'no-such-channel')
})

test('a notice that is put off comes again as the same, holds up its own story and no other', async () => {
  const log = new Log()
  let refusals = 1
  a.respond = (response, { body }) => {
    const isFirst = JSON.parse(body).id === 'alert1' && refusals-- > 0
    response.writeHead(isFirst ? 503 : 200).end()
  }
  const opened = await open(log)
  await opened.tell('a', story(1))
  await opened.tell('a', story(1, 'resolve'))
  await opened.tell('a', story(2))
  await waitUntil(() => log.lines.length === 4, 'all to be sent')
  assert.deepEqual(log.lines, [
    'a postponed alert1',
    'a sent alert2',
    'a sent alert1',
    'a sent alert1.resolve',
  ])
  assert.deepEqual(told(a), ['alert1', 'alert2', 'alert1', 'alert1.resolve'])
})

test('a notice that was put off and then sent by another responder is not looked for without a pause', async () => {
  class Counting extends MemoryNoticeQueue {
    looks = 0
    override async next(channel: string, passOver: ReadonlySet<string>): Promise<Waiting | undefined> {
      if (channel === 'a') this.looks++
      return super.next(channel, passOver)
    }
  }
  let now = Date.now()
  const [log, queue] = [new Log(), new Counting()]
  a.respond = (response) => void response.writeHead(429, { 'retry-after': '3600' }).end()
  const opened = await open(log, { queue, now: () => now })
  await opened.tell('a', story(1))
  await waitUntil(() => log.lines.length === 1, 'it to be put off')
  await queue.done('a', 'alert1')
  now += 3_600_000
  opened.wake()
  const before = queue.looks
  // a loop that spins takes a turn of each of these
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
  assert.ok(queue.looks <= before + 2, `it was looked for ${queue.looks - before} times`)
})

test('F37 the wait that the other side asks for is kept', async () => {
  a.respond = (response) => void response.writeHead(429, { 'retry-after': '17' }).end()
  const delays: number[] = []
  const log = new Log()
  const listener = {
    ...log,
    postponed: (_: Channel, __: Notice, ___: object, ms: number) => void delays.push(ms),
  }
  const opened = await open(log, { listener })
  await opened.tell('a', story(1))
  await waitUntil(() => delays.length === 1, 'it to be put off')
  assert.deepEqual(delays, [17_000])
})

test('a notice that cannot be put into words is a dead letter, and those behind it are sent', async () => {
  const log = new Log()
  const opened = await open(log, { operations: [] })
  const good = noticeOf({ id: 'good' })
  const incident = { id: 'bad' } as typeof good.alert.incident
  await opened.tell('a', { ...good, id: 'bad', alert: { ...good.alert, incident } })
  await opened.tell('a', good)
  await waitUntil(() => log.lines.length === 2, 'both')
  assert.deepEqual(log.lines, ['a dead bad broken', 'a sent good'])
})

test('what is refused for good is a dead letter, and the others hear of it once, not once a notice', async () => {
  const log = new Log()
  a.respond = (response) => void response.writeHead(400).end('no')
  const opened = await open(log)
  for (let n = 0; n < 5; n++) await opened.tell('a', story(n))
  await waitUntil(() => log.lines.filter((line) => line.includes('dead')).length === 5, 'five dead letters')
  await opened.tell('b', story(9))
  await waitUntil(() => b.requests.length === 2, 'b to be told')
  const [trouble] = b.requests.map(({ body }) => JSON.parse(body))
  assert.equal(trouble.type, 'picket.operational')
  assert.match(trouble.data.summary, /a \(webhook\) refused a notice for good/)
  assert.match(trouble.data.details.join(), /HTTP 400 no/)
})

test('trouble with a notice of trouble is a dead letter, and no further trouble', async () => {
  const log = new Log()
  for (const server of [a, b]) server.respond = (response) => void response.writeHead(400).end('no')
  const opened = await open(log)
  await opened.tell('a', operationalNotice({ topic: 'x', time: 0, severity: 'page', summary: 'x' }))
  await waitUntil(() => log.lines.length === 1, 'the dead letter')
  await opened.tell('a', story(1))
  await waitUntil(() => log.lines.length === 3, 'two more dead letters')
  assert.deepEqual(
    log.lines.map((line) => line.replace(/channel-a\.\w+/, 'channel-a')),
    ['a dead x.0 refused', 'a dead alert1 refused', 'b dead channel-a refused'],
  )
})

test('what waited when the process ended is sent by the next one, under the same id', async () => {
  const queue = new MemoryNoticeQueue()
  a.respond = () => {}
  const first = await open(new Log(), { queue })
  await first.tell('a', story(1))
  await waitUntil(() => a.requests.length === 1, 'the first attempt')
  await first.stop(0)
  a.respond = (response) => void response.writeHead(200).end()
  const log = new Log()
  await open(log, { queue })
  await waitUntil(() => log.lines.length > 0, 'it to be sent')
  assert.deepEqual(told(a), ['alert1', 'alert1'])
})

test('an end gives the attempt under way its time', async () => {
  const log = new Log()
  a.respond = (response) => void setTimeout(() => response.writeHead(200).end(), 100)
  const opened = await open(log)
  await opened.tell('a', story(1))
  await waitUntil(() => a.requests.length === 1, 'the attempt')
  await opened.stop(20_000)
  assert.deepEqual(log.lines, ['a sent alert1'])
})

test('a queue that cannot note what was sent does not cause it to be sent again', async () => {
  class Forgetful extends MemoryNoticeQueue {
    failures = 1
    override async done(channel: string, id: string): Promise<void> {
      if (this.failures-- > 0) throw new Error('store is away')
      await super.done(channel, id)
    }
  }
  const log = new Log()
  const queue = new Forgetful()
  const opened = await open(log, { queue })
  await opened.tell('a', story(1))
  await waitUntil(() => queue.failures < 0, 'it to be noted in the end')
  await opened.tell('a', story(2))
  await waitUntil(() => a.requests.length === 2, 'the next')
  assert.deepEqual(told(a), ['alert1', 'alert2'])
  assert.ok(log.lines.includes('a store is away'))
})

test('a notice for which there is no room is a dead letter that is told', async () => {
  const log = new Log()
  a.respond = () => {}
  const opened = await open(log, { queue: new MemoryNoticeQueue(2) as NoticeQueue })
  for (let n = 0; n < 3; n++) await opened.tell('a', story(n))
  assert.deepEqual(log.lines, ['a dead alert2 queue-full'])
  await waitUntil(() => b.requests.length === 1, 'b to hear of it')
})

test('a channel that is gone is planned for no more, also where a plan was under way', async () => {
  class Slow extends MemoryPlanStore {
    loads = 0
    goOn: (() => void) | undefined
    override load(channel: string): Promise<MailPlan | undefined> {
      this.loads++
      return super.load(channel)
    }
    override async save(channel: string, plan: MailPlan): Promise<void> {
      if (plan.held !== null) await new Promise<void>((resolve) => (this.goOn = resolve))
      await super.save(channel, plan)
    }
  }
  const plans = new Slow()
  const mail: Channel = {
    ...{ name: 'ops', type: 'mail', close: async () => undefined },
    send: async () => ({ ok: true, answer: '250' }),
  }
  // all is held, and is due in a millisecond that never passes
  const budget = { ...DEFAULT_MAIL_BUDGET, digestAfter: 0, gatherMs: 1 }
  const opened = await open(new Log(), { channels: [mail], plans, budget, now: () => 0 })
  const telling = opened.tell('ops', story(1))
  await waitUntil(() => plans.goOn !== undefined, 'the plan to be under way')
  const changing = opened.use({ channels: [], budget, operations: [] }, 0)
  await new Promise((resolve) => setImmediate(resolve))
  plans.goOn?.()
  await Promise.all([telling, changing])
  const before = plans.loads
  // ends after a timer of the plan would have
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(plans.loads, before)
})
