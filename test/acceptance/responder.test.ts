import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import type { Producer, Queue } from '@picket/runtime'
import { KafkaQueue } from '@picket/runtime/kafka'
import { settingsFor } from '../contract/kafka-under-test.ts'
import {
  alertNumber,
  collectorBeat,
  idOf,
  messageOf,
  readLetter,
  sendAlert,
  sendBeat,
} from '../fleet-messages.ts'
import { picket } from '../picket.ts'
import { ResponderProcess } from '../responder-process.ts'
import { freePort } from '../services/free-port.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { needTool } from '../services/missing-tool.ts'
import { type Redis, startRedis } from '../services/redis.ts'
import { freshName, type SharedService, sharedKafka, sharedRedis } from '../services/shared.ts'

const PARTITIONS = 2
const TOPICS = ['packets', 'contacts', 'alerts', 'receipts', 'dead-letters'] as const
const WIDTHS: Readonly<Record<string, number>> = Object.fromEntries(
  TOPICS.map((topic) => [topic, PARTITIONS]),
)

let kafka: SharedService
let redis: SharedService
let admin: KafkaAdmin
let queue: Queue
let producer: Producer
const running: ResponderProcess[] = []

before(async () => {
  ;[kafka, redis] = await Promise.all([sharedKafka(), sharedRedis()])
  admin = await KafkaAdmin.connect(kafka.address)
  queue = new KafkaQueue(settingsFor(kafka.address))
  producer = await queue.producer()
})

after(async () => {
  await Promise.all(running.map((responder) => responder.stop()))
  await queue?.close()
  await admin?.close()
  await Promise.all([kafka?.stop(), redis?.stop()])
})

/** Topics of its own. */
async function newFleet(): Promise<string> {
  const prefix = freshName('fleet')
  for (const topic of TOPICS) await admin.makeTopic(`${prefix}.${topic}`, PARTITIONS)
  return prefix
}

function newResponder(
  prefix: string,
  at: string = redis.address,
  metricsPort = 0,
  partitions = WIDTHS,
): ResponderProcess {
  const responder = new ResponderProcess({ kafka: kafka.address, redis: at, prefix, partitions }, metricsPort)
  running.push(responder)
  return responder
}

test('alerts on the topic are told once, and whichever responder is asked shows them all', async () => {
  const prefix = await newFleet()
  const [first, second] = [newResponder(prefix).start(), newResponder(prefix).start()]
  for (const number of [1, 2]) await sendAlert(producer, prefix, alertNumber(number, { revision: number }))
  const told = (): string[] => [...first.toldIds, ...second.toldIds].sort()
  await first.until(() => told().length === 2, 'both alerts')
  for (const responder of [first, second]) {
    const status = await responder.statusWhen(
      ({ incidents, fleet }) =>
        incidents.length === 2 && fleet.lag['alerts']?.records === 0 && fleet.responder.healthy,
      'both incidents, nothing left to read, and all well',
    )
    assert.deepEqual(status.incidents.map(({ id }) => id).sort(), [idOf(1), idOf(2)])
  }
  await sendAlert(producer, prefix, alertNumber(1, { revision: 1 }))
  await sendAlert(producer, prefix, alertNumber(3, { revision: 1 }))
  await first.until(() => told().length === 3, 'the new one')
  assert.deepEqual(told(), [idOf(1), idOf(2), idOf(3)])
  const one = await first.status(['--source', '203.0.113.2'])
  assert.deepEqual(
    one.incidents.map(({ id }) => id),
    [idOf(2)],
  )
  const text = await picket(['status', '--config', second.config])
  assert.match(text.stdout, /guards a fleet, well/)
})

test('a responder killed between commit and telling tells at its next start, with the same id, and then no more', async () => {
  const prefix = await newFleet()
  const responder = newResponder(prefix).start('responder.committed')
  await sendAlert(producer, prefix, alertNumber(7))
  assert.equal(await responder.ended(), 'SIGKILL')
  assert.deepEqual(responder.toldIds, [])

  responder.start('responder.told')
  assert.equal(await responder.ended(), 'SIGKILL')
  assert.deepEqual(responder.toldIds, [idOf(7)])

  responder.start()
  await responder.until(() => responder.told.length === 2, 'it to be told again')
  await sendAlert(producer, prefix, alertNumber(8))
  await responder.until(() => responder.told.length === 3, 'the next one')
  assert.deepEqual(responder.toldIds, [idOf(7), idOf(7), idOf(8)])
})

test('poison on the topic of alerts lies among the dead letters, and what comes behind it is told', async () => {
  const prefix = await newFleet()
  const responder = newResponder(prefix).start()
  const poison = new TextEncoder().encode('not an alert')
  await producer.send(`${prefix}.alerts`, 1, [messageOf(poison)])
  await sendAlert(producer, prefix, alertNumber(1))
  await responder.until(() => responder.told.length === 1, 'the good one')
  const { start, end } = await queue.extent(`${prefix}.dead-letters`, 0)
  const letters = []
  for await (const { value } of queue.read(`${prefix}.dead-letters`, 0, start, end))
    letters.push(readLetter(value))
  assert.deepEqual(
    letters.map((letter) => [letter?.topic, letter?.partition, letter?.offset, letter?.reason]),
    [[`${prefix}.alerts`, 1, 0, 'not-ours']],
  )
  assert.equal(Buffer.from(letters[0]?.value ?? []).toString(), 'not an alert')
})

test('a host that falls silent is blind after three heartbeats, and one that stops is stopped', async () => {
  const prefix = await newFleet()
  const responder = newResponder(prefix).start()
  await responder.statusWhen(({ fleet }) => fleet.responder.healthy, 'it to be ready')
  await sendBeat(producer, prefix, collectorBeat('web1', 500))
  await sendBeat(producer, prefix, collectorBeat('web2', 500, 'stopping'))
  const { fleet } = await responder.statusWhen((status) => status.fleet.blind.length > 0, 'the blind host')
  assert.deepEqual(
    fleet.blind.map(({ reporter }) => reporter),
    ['web1'],
  )
  assert.deepEqual(
    fleet.hosts.map(({ reporter, state }) => [reporter, state]),
    [
      ['web1', 'blind'],
      ['web2', 'stopped'],
    ],
  )
  await responder.until(
    () => responder.log.includes('blind host: its collector is silent'),
    'the log to say so',
  )
  const text = await picket(['status', '--config', responder.config])
  assert.match(text.stdout, /^ {2}! blind host web1: collector silent/m)

  await sendBeat(producer, prefix, collectorBeat('web1', 60_000))
  await responder.statusWhen((status) => status.fleet.blind.length === 0, 'the host to be heard again')
  assert.equal(responder.log.match(/blind host: /g)?.length, 1)
})

test('a topic that is missing or of another width ends it, with words', async () => {
  const missing = newResponder(freshName('nowhere')).start()
  const wider = newResponder(await newFleet(), redis.address, 0, { ...WIDTHS, alerts: 12 }).start()
  for (const responder of [missing, wider]) {
    assert.equal(await responder.ended(), null)
    assert.equal(responder.exitCode, 70)
  }
  assert.match(missing.log, /responder cannot go on: there is no topic nowhere-\w+\.packets/)
  assert.match(wider.log, /responder cannot go on: [\w-]+\.alerts has 2 partitions, not 12/)
})

test('without Redis it is alive and not ready, loses nothing, and goes on when Redis is back', async () => {
  const prefix = await newFleet()
  const own: Redis = await startRedis({ appendonly: true })
  const port = await freePort()
  const responder = newResponder(prefix, own.address, port - 3).start()
  const statusOf = async (path: string): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`).catch(() => undefined)
    return response?.status ?? 0
  }
  try {
    await responder.until(async () => (await statusOf('readyz')) === 200, 'it to be ready')
    await sendAlert(producer, prefix, alertNumber(1))
    await responder.until(() => responder.told.length === 1, 'the first alert')
    let metrics = ''
    await responder.until(async () => {
      metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      return /^picket_responder_log_to_alert_seconds_count 1$/m.test(metrics)
    }, 'the alert to be counted')
    // It throws with what promtool complains of
    execFileSync(needTool('promtool'), ['check', 'metrics'], { input: metrics, stdio: 'pipe' })
    await own.kill()
    await sendAlert(producer, prefix, alertNumber(2))
    await responder.until(async () => (await statusOf('readyz')) === 503, 'it not to be ready')
    assert.equal(await statusOf('healthz'), 200)
    await own.start()
    await responder.until(() => responder.told.length === 2, 'the second alert')
    assert.deepEqual(responder.toldIds, [idOf(1), idOf(2)])
    assert.equal(await responder.stop(), 0)
  } finally {
    await own.stop()
  }
})
