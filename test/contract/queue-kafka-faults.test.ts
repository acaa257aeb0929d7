import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { QueueError } from '@picket/runtime'
import { KafkaQueue } from '@picket/runtime/kafka'
import { freePort } from '../services/free-port.ts'
import { type Kafka, startKafka } from '../services/kafka.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { freshName } from '../services/shared.ts'
import { TcpProxy } from '../services/tcp-proxy.ts'
import { waitUntil } from '../services/wait-until.ts'
import { settingsFor } from './kafka-under-test.ts'
import { asText, collect } from './queue-bench.ts'
import { RecordingReader, Store, texts } from './recording-reader.ts'
import { assertWhole, SteadySender } from './steady-sender.ts'

// Clients reach the broker through a proxy, which is what the broker itself tells them.
let kafka: Kafka
let proxy: TcpProxy
let admin: KafkaAdmin
let queue: KafkaQueue

before(async () => {
  const port = await freePort()
  kafka = await startKafka({
    properties: {
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
      'log.retention.check.interval.ms': '500',
    },
  })
  proxy = await TcpProxy.start(port, kafka.port)
  admin = await KafkaAdmin.connect(`127.0.0.1:${port}`)
  const settings = { requestTimeoutMs: 2000, sessionTimeoutMs: 6000 }
  queue = new KafkaQueue(settingsFor(`127.0.0.1:${port}`, settings))
})

after(async () => {
  await queue?.close()
  await admin?.close()
  await proxy?.stop()
  await kafka?.stop()
})

const topic = (partitions: number, config?: Record<string, string>): Promise<string> =>
  admin.makeTopic(freshName('fault'), partitions, config)

test('F6: a broker killed and started again under sending and reading loses nothing and doubles nothing', async () => {
  const name = await topic(2)
  const producer = await queue.producer()
  const reader = new RecordingReader()
  const subscription = await queue.subscribe({ topic: name, group: name }, reader)
  const sending = new SteadySender(producer, name, 2)
  for (let kills = 0; kills < 2; kills++) {
    await sending.more(150)
    await kafka.kill()
    await waitUntil(() => !queue.reachable(), 'the queue to notice')
    await kafka.start()
    await waitUntil(() => queue.reachable(), 'the queue to notice')
  }
  await sending.more(150)
  const counts = await sending.end()
  await assertWhole(queue, name, counts)
  await waitUntil(() => counts.every((count, p) => reader.store.places.get(p) === count), 'all to be read')
  assert.deepEqual(reader.faults, [])
  assert.equal(subscription.fault, undefined)
  await subscription.stop()
  await producer.close()
})

test('F8: a broker that hangs is given up and found again, and nothing is lost or doubled', async () => {
  const name = await topic(2)
  const producer = await queue.producer()
  const reader = new RecordingReader()
  const subscription = await queue.subscribe({ topic: name, group: name }, reader)
  const sending = new SteadySender(producer, name, 2)
  await sending.more(150)
  kafka.pause()
  await waitUntil(() => !queue.reachable(), 'the queue to notice')
  kafka.resume()
  await waitUntil(() => queue.reachable(), 'the queue to notice')
  await sending.more(150)
  const counts = await sending.end()
  await assertWhole(queue, name, counts)
  await waitUntil(() => counts.every((count, p) => reader.store.places.get(p) === count), 'all to be read')
  assert.deepEqual(reader.faults, [])
  await subscription.stop()
  await producer.close()
})

test('F10: a batch whose acknowledgement is lost is sent again and stands in the topic once', async () => {
  const name = await topic(2)
  const producer = await queue.producer()
  await producer.send(name, 0, texts(0, 10))
  await producer.send(name, 1, texts(0, 10))
  proxy.loseAnswers()
  const both = Promise.all([producer.send(name, 0, texts(10, 20)), producer.send(name, 1, texts(10, 20))])
  await waitUntil(() => proxy.lost > 0, 'the broker to answer')
  proxy.pass()
  assert.deepEqual(await both, [10, 10])
  assert.deepEqual(
    await Promise.all([producer.send(name, 0, texts(20, 30)), producer.send(name, 1, texts(20, 30))]),
    [20, 20],
  )
  await assertWhole(queue, name, [30, 30])
  await producer.close()
})

test('F12: a connection whose greeting is swallowed is opened anew, and what waits is sent', async () => {
  const name = await topic(1)
  const producer = await queue.producer()
  proxy.lost = 0
  proxy.loseRequests()
  const waiting = producer.send(name, 0, texts(0, 2))
  await waitUntil(() => proxy.lost > 0, 'the greeting to be lost')
  const first = proxy.lost
  // kafkajs takes a connection for good that was never greeted back, and would say nothing on it any more
  await waitUntil(() => proxy.lost > first * 2, 'others to be tried')
  proxy.pass()
  assert.equal(await waiting, 0)
  await assertWhole(queue, name, [2])
  await producer.close()
})

test('an answer of which only a part comes does not spoil the next connection', async () => {
  const name = await topic(1)
  const producer = await queue.producer()
  await producer.send(name, 0, texts(0, 1))
  proxy.stallWithinAnswer(10)
  await producer.send(name, 0, texts(1, 2))
  await assertWhole(queue, name, [2])
  await producer.close()
})

test('F12: while nobody is reached sending waits, and goes on by itself', async () => {
  const name = await topic(2)
  const producer = await queue.producer()
  await producer.send(name, 0, texts(0, 1))
  proxy.shut()
  const waiting = producer.sendAll(
    name,
    texts(0, 4).map((message, at) => ({ ...message, partition: at % 2 })),
  )
  await waitUntil(() => !queue.reachable(), 'the queue to notice')
  await assert.rejects(
    queue.partitions(name),
    (error: QueueError) => error.reason === 'unreachable' && error.retryable,
  )
  proxy.pass()
  await waiting
  assert.deepEqual((await collect(queue, name, 0, 3)).map(asText), ['0', '0', '2'])
  await producer.close()
})

test('a producer that is closed while nobody is reached gives up what waits', async () => {
  const name = await topic(1)
  const producer = await queue.producer()
  proxy.shut()
  const waiting = assert.rejects(producer.send(name, 0, texts(0, 1)), (error: QueueError) => error.retryable)
  await producer.close()
  await waiting
  proxy.pass()
})

test('a subscription whose group took it for dead takes its partitions back and goes on where its reader stands', async () => {
  const name = await topic(2)
  const producer = await queue.producer()
  await producer.send(name, 0, texts(0, 100))
  const store = new Store()
  const reader = new RecordingReader(store)
  const subscription = await queue.subscribe({ topic: name, group: name }, reader)
  await waitUntil(() => reader.taken.length === 100, 'what is there')
  proxy.shut()
  await waitUntil(() => reader.events.includes('revoked 0'), 'the session to end')
  proxy.pass()
  await producer.send(name, 0, texts(100, 200))
  await waitUntil(() => reader.taken.length === 200, 'the rest')
  assert.deepEqual(reader.faults, [])
  assert.ok(reader.events.includes('assigned 0 at 100'))
  await subscription.stop()
  await producer.close()
})

test('F44: retention that overtakes a slow reader stops it loudly', async () => {
  const name = await topic(1)
  const producer = await queue.producer()
  const noise = new Uint8Array(randomBytes(300_000))
  const large = (): { key: null; value: Uint8Array } => ({ key: null, value: noise })
  for (let n = 0; n < 20; n++) await producer.send(name, 0, [large()])
  const reader = new RecordingReader()
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  reader.before = () => held
  const subscription = await queue.subscribe({ topic: name, group: name }, reader)
  await waitUntil(() => reader.store.busy.size > 0, 'the first call')
  await admin.trim(name, 0, 19)
  release()
  await waitUntil(() => subscription.fault !== undefined, 'the fault')
  assert.equal((subscription.fault as QueueError).reason, 'out-of-range')
  assert.match(String(subscription.fault?.message), /not read yet are gone/)
  assert.ok(!reader.offsets(0).includes(19))
  await subscription.stop()
  await producer.close()
})

test('F44: a topic that is deleted stops its reader and its producer loudly', async () => {
  const name = await topic(1)
  const producer = await queue.producer()
  await producer.send(name, 0, texts(0, 5))
  const reader = new RecordingReader()
  const subscription = await queue.subscribe({ topic: name, group: name }, reader)
  await waitUntil(() => reader.taken.length === 5, 'what is there')
  await admin.deleteTopic(name)
  await assert.rejects(
    producer.send(name, 0, texts(5, 6)),
    (error: QueueError) => error.reason === 'no-topic',
  )
  await waitUntil(() => subscription.fault !== undefined, 'the fault')
  assert.equal((subscription.fault as QueueError).reason, 'no-topic')
  await subscription.stop()
  await producer.close()
})

test('F44: another number of partitions stops reading loudly when the group forms anew', async () => {
  const name = await topic(1)
  const reader = new RecordingReader()
  const first = await queue.subscribe({ topic: name, group: name }, reader)
  await waitUntil(() => first.assigned.length === 1, 'the first to have it')
  await admin.addPartitions(name, 2)
  const second = await queue.subscribe({ topic: name, group: name }, new RecordingReader())
  await waitUntil(() => first.fault !== undefined, 'the fault')
  assert.match(String(first.fault?.message), /had 1 partitions and now has 2/)
  await Promise.all([first.stop(), second.stop()])
})
