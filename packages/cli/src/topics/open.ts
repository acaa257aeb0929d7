/**
 * What the commands about topics share: the brokers of the configuration, and how refusals are told.
 */
import { planTopics, QueueError, type TopicPlan } from '@picket/runtime'
import { type FoundTopic, TopicAdmin } from '@picket/runtime/kafka'
import { safeText } from '@picket/schemas'
import { type KafkaConfig, kafkaSettings } from '../config/kafka-schema.ts'
import { findConfig, loadConfig } from '../config/load.ts'
import { WrongUse } from '../failures.ts'
import { type Difference, differencesOf } from './differences.ts'

export interface Topics {
  readonly admin: TopicAdmin
  readonly plans: readonly TopicPlan[]
  readonly kafka: KafkaConfig
}

/** What the brokers refuse, or that they are away, is the user's to mend. */
export async function withTopics<T>(
  config: string | undefined,
  work: (topics: Topics) => Promise<T>,
): Promise<T> {
  const { kafka } = (await loadConfig(findConfig(config, process.env))).config
  try {
    const admin = new TopicAdmin(kafkaSettings(kafka, process.env))
    return await work({ admin, plans: planTopics(kafka), kafka })
  } catch (error) {
    if (error instanceof QueueError && error.reason !== 'broken') throw new WrongUse(error.message)
    throw error
  }
}

export interface Compared {
  readonly plan: TopicPlan
  readonly found: FoundTopic | undefined
  readonly differences: readonly Difference[]
}

export async function compareTopics({ admin, plans }: Topics): Promise<Compared[]> {
  const compared: Compared[] = []
  for (const plan of plans) {
    const found = await admin.find(plan.topic)
    compared.push({ plan, found, differences: differencesOf(plan, found) })
  }
  return compared
}

export function print(line: string): void {
  process.stdout.write(`${safeText(line)}\n`)
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
