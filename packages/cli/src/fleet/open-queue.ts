/** Open queue: the brokers that the configuration names. kafkajs is loaded only here, by those commands that need it. */
import type { Logger, Queue } from '@picket/runtime'
import { kafkaSettings } from '../config/kafka-schema.ts'
import type { Loaded } from '../config/load.ts'

export async function openQueue({ config }: Loaded, log: Logger): Promise<Queue> {
  const settings = kafkaSettings(config.kafka, process.env)
  const { KafkaQueue } = await import('@picket/runtime/kafka')
  return new KafkaQueue(settings, log)
}
