/** The plain way to count a fleet's packets: one record a packet through Kafka, one HINCRBY a packet to Redis. */
import { Redis as RedisClient } from 'ioredis'
import kafkajs from 'kafkajs'
import { startKafka } from '../services/kafka.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { startRedis } from '../services/redis.ts'

const RECORDS = 100_000
const AT_ONCE = 1_000

/** CPU of this process while it consumes and counts; the records are there before. */
export async function plainPacketsPerCpuSecond(): Promise<number> {
  const [kafka, redis] = await Promise.all([startKafka(), startRedis()])
  const client = new kafkajs.Kafka({ brokers: [kafka.address], logLevel: kafkajs.logLevel.NOTHING })
  const store = new RedisClient(redis.port)
  try {
    const admin = await KafkaAdmin.connect(kafka.address)
    await admin.makeTopic('plain', 4)
    await admin.close()
    await publishAll(client)
    return RECORDS / (await consumeAll(client, store))
  } finally {
    store.disconnect()
    await Promise.all([kafka.stop(), redis.stop()])
  }
}

async function publishAll(client: kafkajs.Kafka): Promise<void> {
  const producer = client.producer()
  await producer.connect()
  for (let at = 0; at < RECORDS; at += AT_ONCE) {
    const messages = Array.from({ length: AT_ONCE }, (_, i) => {
      const source = `45.0.${((at + i) >> 8) & 31}.${(at + i) & 255}`
      return {
        key: source,
        value: JSON.stringify({ source, host: '10.0.0.5', proto: 6, port: (at + i) % 1_024 }),
      }
    })
    await producer.send({ topic: 'plain', messages })
  }
  await producer.disconnect()
}

async function consumeAll(client: kafkajs.Kafka, store: RedisClient): Promise<number> {
  const consumer = client.consumer({ groupId: 'plain' })
  await consumer.connect()
  await consumer.subscribe({ topic: 'plain', fromBeginning: true })
  const began = process.cpuUsage()
  let seen = 0
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          const { source, port } = JSON.parse(String(message.value)) as { source: string; port: number }
          await store.hincrby(source, String(port), 1)
          if (++seen === RECORDS) resolve()
        },
      })
      .catch(reject)
  })
  const { user, system } = process.cpuUsage(began)
  await consumer.disconnect()
  return (user + system) / 1e6
}
