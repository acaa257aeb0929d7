import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { KafkaQueue } from '@picket/runtime/kafka'
import { type Kafka, startKafka } from '../services/kafka.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { freshName } from '../services/shared.ts'
import { waitUntil } from '../services/wait-until.ts'
import { settingsFor } from './kafka-under-test.ts'
import { RecordingReader } from './recording-reader.ts'
import { assertWhole, SteadySender } from './steady-sender.ts'

let kafka: Kafka
let admin: KafkaAdmin
let queue: KafkaQueue

before(async () => {
  kafka = await startKafka({ brokers: 3 })
  admin = await KafkaAdmin.connect(kafka.addresses)
  queue = new KafkaQueue(settingsFor(kafka.address, { brokers: kafka.addresses, requestTimeoutMs: 1500 }))
})

after(async () => {
  await queue?.close()
  await admin?.close()
  await kafka?.stop()
})

test('F9: leaders that die under sending and reading lose nothing and double nothing', async () => {
  const topic = await admin.makeTopic(freshName('cluster'), 4, { 'min.insync.replicas': '2' }, 3)
  const producer = await queue.producer()
  const reader = new RecordingReader()
  const subscription = await queue.subscribe({ topic, group: topic }, reader)
  const sending = new SteadySender(producer, topic, 4)
  for (const partition of [0, 1]) {
    await sending.more(150)
    const leader = await admin.leaderOf(topic, partition)
    const node = kafka.nodes[leader - 1]
    await node?.kill()
    await waitUntil(
      async () => ![leader, -1].includes(await admin.leaderOf(topic, partition)),
      'another leader',
    )
    await sending.more(150)
    await node?.start()
    await waitUntil(() => admin.isWhole(topic), 'all replicas to be in sync')
  }
  const counts = await sending.end()
  await assertWhole(queue, topic, counts)
  await waitUntil(() => counts.every((count, p) => reader.store.places.get(p) === count), 'all to be read')
  assert.deepEqual(reader.faults, [])
  assert.equal(subscription.fault, undefined)
  await subscription.stop()
  await producer.close()
})
