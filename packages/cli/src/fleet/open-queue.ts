/** To be replaced by the section `kafka` of the configuration when that is there. */
import type { Logger, Queue } from '@picket/runtime'
import type { Loaded } from '../config/load.ts'

export async function openQueue(_loaded: Loaded, log: Logger): Promise<Queue> {
  const { KafkaQueue } = await import('@picket/runtime/kafka')
  const brokers = (process.env['PICKET_KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(',')
  const settings = { brokers, clientId: 'picket-responder', tls: undefined, sasl: undefined }
  return new KafkaQueue({ ...settings, sessionTimeoutMs: 6_000 }, log)
}

export const topicPrefix = (_loaded: Loaded): string => process.env['PICKET_TOPIC_PREFIX'] ?? 'picket'
