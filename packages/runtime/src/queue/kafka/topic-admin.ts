/**
 * TopicAdmin: sees, makes and configures topics, and grants rights. It never deletes anything and never changes a width.
 */
import kafkajs from 'kafkajs'
import { pause } from '../../back-off.ts'
import type { AclRule } from '../acl.ts'
import { QueueError } from '../queue.ts'
import type { TopicPlan } from '../topics.ts'
import { KafkaClient } from './client.ts'
import { typeOf } from './faults.ts'
import { type KafkaSettings, type QueueLog, SILENT } from './settings.ts'

type Admin = Parameters<Parameters<KafkaClient['administrate']>[1]>[0]

export interface FoundTopic {
  readonly partitions: number
  /** The least of its partitions'. */
  readonly replication: number
  /** What holds for the topic, whether it was set for it or not. */
  readonly config: Readonly<Record<string, string>>
  /** What was set for the topic itself. */
  readonly ownConfig: Readonly<Record<string, string>>
}

const LEADERS_MS = 30_000
const LOOK_EACH_MS = 100
/** DescribeConfigs' number for what was set for the topic itself. */
const TOPIC_SOURCE = 1

export class TopicAdmin {
  readonly #client: KafkaClient

  constructor(settings: KafkaSettings, log: QueueLog = SILENT) {
    this.#client = new KafkaClient(settings, log)
  }

  /** Undefined where there is no such topic. */
  find(topic: string): Promise<FoundTopic | undefined> {
    return this.#client.administrate(`kafka: looking at ${topic}`, (admin) => findTopic(admin, topic))
  }

  /** There when this resolves. */
  create(plan: TopicPlan): Promise<void> {
    return this.#client.administrate(`kafka: making ${plan.topic}`, async (admin) => {
      const configEntries = Object.entries(plan.config).map(([name, value]) => ({ name, value }))
      await admin.createTopics({
        // kafkajs' own waiting asks only once, and fails where a leader is not chosen yet
        waitForLeaders: false,
        topics: [
          {
            topic: plan.topic,
            numPartitions: plan.partitions,
            replicationFactor: plan.replication,
            configEntries,
          },
        ],
      })
      await untilLed(admin, plan)
    })
  }

  /** Sets these, and keeps what else was set: the request replaces all that there is. */
  configure(topic: string, found: FoundTopic, config: Readonly<Record<string, string>>): Promise<void> {
    return this.#client.administrate(`kafka: configuring ${topic}`, async (admin) => {
      const all = { ...found.ownConfig, ...config }
      const configEntries = Object.entries(all).map(([name, value]) => ({ name, value }))
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
      })
    })
  }

  /** A rule that is there already stays as it is. */
  allow(rules: readonly AclRule[]): Promise<void> {
    return this.#client.administrate('kafka: granting rights', async (admin) => {
      await admin.createAcls({ acl: rules.map(toAclEntry) })
    })
  }
}

async function findTopic(admin: Admin, topic: string): Promise<FoundTopic | undefined> {
  const partitions = await partitionsOf(admin, topic)
  if (partitions === undefined) return undefined
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
  })
  const entries = resources[0]?.configEntries ?? []
  const valuesOf = (chosen: typeof entries): Record<string, string> =>
    Object.fromEntries(chosen.map(({ configName, configValue }) => [configName, configValue]))
  return {
    partitions: partitions.length,
    replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    config: valuesOf(entries),
    ownConfig: valuesOf(entries.filter(({ configSource }) => Number(configSource) === TOPIC_SOURCE)),
  }
}

async function partitionsOf(
  admin: Admin,
  topic: string,
): Promise<readonly { readonly leader: number; readonly replicas: readonly number[] }[] | undefined> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]?.partitions
  } catch (error) {
    if (typeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined
    throw error
  }
}

async function untilLed(admin: Admin, { topic, partitions }: TopicPlan): Promise<void> {
  const deadline = performance.now() + LEADERS_MS
  while (performance.now() < deadline) {
    const found = await partitionsOf(admin, topic).catch(() => undefined)
    if (found?.length === partitions && found.every(({ leader }) => leader >= 0)) return
    await pause(LOOK_EACH_MS)
  }
  throw new QueueError('unreachable', `${topic} was made, but not all of its partitions have a leader yet`)
}

const OPERATIONS = {
  read: kafkajs.AclOperationTypes.READ,
  write: kafkajs.AclOperationTypes.WRITE,
  describe: kafkajs.AclOperationTypes.DESCRIBE,
  'idempotent-write': kafkajs.AclOperationTypes.IDEMPOTENT_WRITE,
}

const RESOURCES = {
  topic: kafkajs.AclResourceTypes.TOPIC,
  group: kafkajs.AclResourceTypes.GROUP,
  cluster: kafkajs.AclResourceTypes.CLUSTER,
}

function toAclEntry({ principal, operation, resource, name, isPrefix }: AclRule): kafkajs.AclEntry {
  return {
    principal,
    host: '*',
    operation: OPERATIONS[operation],
    permissionType: kafkajs.AclPermissionTypes.ALLOW,
    resourceType: RESOURCES[resource],
    resourceName: name,
    resourcePatternType:
      isPrefix === true ? kafkajs.ResourcePatternTypes.PREFIXED : kafkajs.ResourcePatternTypes.LITERAL,
  }
}
