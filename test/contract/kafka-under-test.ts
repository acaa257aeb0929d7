/**
 * Kafka as the contract's log: fresh topics of the shared broker, and clients with short patience.
 */
import type { KafkaSettings } from '@picket/runtime'
import { KafkaQueue } from '@picket/runtime/kafka'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { freshName, sharedKafka } from '../services/shared.ts'
import type { QueueUnderTest } from './queue-bench.ts'

export const settingsFor = (address: string, more: Partial<KafkaSettings> = {}): KafkaSettings => ({
  brokers: [address],
  clientId: 'picket-test',
  tls: undefined,
  sasl: undefined,
  requestTimeoutMs: 10_000,
  sessionTimeoutMs: 10_000,
  ...more,
})

export async function kafkaUnderTest(): Promise<QueueUnderTest> {
  const kafka = await sharedKafka()
  const admin = await KafkaAdmin.connect(kafka.address)
  const changing = new Set<string>()
  const log = {
    debug: () => undefined,
    warn: () => undefined,
    error: () => undefined,
    info: (fields: { readonly group?: string }, message: string) => {
      if (message.includes('the group changes') && fields.group !== undefined) changing.add(fields.group)
    },
  }
  return {
    connect: () => new KafkaQueue(settingsFor(kafka.address), log),
    topic: async (partitions) => admin.makeTopic(freshName('contract'), partitions),
    trim: (topic, partition, start) => admin.trim(topic, partition, start),
    isChanging: async (group) => changing.has(group),
    close: async () => {
      await admin.close()
      await kafka.stop()
    },
  }
}
