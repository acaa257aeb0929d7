/**
 * The topics of a fleet: what each is for, how wide it is and how long it is kept.
 *
 * The number of partitions is fixed for a topic's life: sources would change their partition, and with it their detector and
 * their numbered batches. Nothing here ever changes it.
 */
import { BackOff, isRetryable } from '../back-off.ts'
import { type Queue, QueueError } from './queue.ts'

export const TOPIC_NAMES = ['packets', 'contacts', 'alerts', 'bans', 'receipts', 'dead-letters'] as const
export type TopicName = (typeof TOPIC_NAMES)[number]

export const GROUP_NAMES = ['detector', 'detector-contacts', 'responder', 'responder-receipts'] as const
export type GroupName = (typeof GROUP_NAMES)[number]

export interface TopicKind {
  /** By default. */
  readonly partitions: number
  /** Undefined: the newest value of each key is kept. */
  readonly retentionDays: number | undefined
}

export const TOPICS: Readonly<Record<TopicName, TopicKind>> = {
  packets: { partitions: 12, retentionDays: 7 },
  contacts: { partitions: 12, retentionDays: 1 },
  alerts: { partitions: 12, retentionDays: 30 },
  bans: { partitions: 12, retentionDays: undefined },
  receipts: { partitions: 12, retentionDays: 7 },
  'dead-letters': { partitions: 1, retentionDays: 30 },
}

export interface TopicSettings {
  /** Stands before the name of each topic and group, so that several fleets can share a cluster. */
  readonly prefix: string
  readonly replication: number
  readonly partitions: Readonly<Record<TopicName, number>>
}

export const DEFAULT_TOPICS: TopicSettings = {
  prefix: 'picket',
  replication: 1,
  partitions: {
    packets: TOPICS.packets.partitions,
    contacts: TOPICS.contacts.partitions,
    alerts: TOPICS.alerts.partitions,
    bans: TOPICS.bans.partitions,
    receipts: TOPICS.receipts.partitions,
    'dead-letters': TOPICS['dead-letters'].partitions,
  },
}

/** What a topic must be. */
export interface TopicPlan {
  readonly topic: string
  readonly partitions: number
  readonly replication: number
  readonly config: Readonly<Record<string, string>>
}

/** The name in the broker, e.g. `picket.packets`. */
export function topicNamed({ prefix }: Pick<TopicSettings, 'prefix'>, name: TopicName): string {
  return `${prefix}.${name}`
}

/** The group's name in the broker, e.g. `picket-detector`. */
export function groupNamed({ prefix }: Pick<TopicSettings, 'prefix'>, name: GroupName): string {
  return `${prefix}-${name}`
}

export function planTopics(settings: TopicSettings): TopicPlan[] {
  return TOPIC_NAMES.map((name) => ({
    topic: topicNamed(settings, name),
    partitions: settings.partitions[name],
    replication: settings.replication,
    config: topicConfig(TOPICS[name], settings.replication),
  }))
}

const DAY_MS = 86_400_000
const MAX_MESSAGE_BYTES = 1_048_576

function topicConfig({ retentionDays }: TopicKind, replication: number): Record<string, string> {
  const kept =
    retentionDays === undefined
      ? { 'cleanup.policy': 'compact' }
      : { 'cleanup.policy': 'delete', 'retention.ms': String(retentionDays * DAY_MS) }
  return {
    ...kept,
    // only whole segments are dropped or compacted, and a quiet topic would fill one for a week
    'segment.ms': String(DAY_MS / (retentionDays === 1 ? 4 : 1)),
    'message.timestamp.type': 'LogAppendTime',
    'max.message.bytes': String(MAX_MESSAGE_BYTES),
    // what another producer compressed in a way that we do not read, the broker writes anew
    'compression.type': 'gzip',
    'min.insync.replicas': String(Math.max(1, replication - 1)),
  }
}

/**
 * For the start of a process: waits for the brokers, and rejects with what to do where a topic that it needs is not there or is of
 * another width.
 */
export async function checkTopics(
  queue: Queue,
  settings: TopicSettings,
  needed: readonly TopicName[],
  stopped?: AbortSignal,
): Promise<void> {
  for (const name of needed) {
    const topic = topicNamed(settings, name)
    const found = await partitionsOf(queue, topic, stopped)
    if (found !== settings.partitions[name]) throw wrongWidth(topic, found, settings.partitions[name])
  }
}

async function partitionsOf(queue: Queue, topic: string, stopped: AbortSignal | undefined): Promise<number> {
  const backOff = new BackOff()
  for (;;) {
    try {
      return await queue.partitions(topic)
    } catch (error) {
      if (!isRetryable(error) || stopped?.aborted === true) throw withAdvice(error, topic)
      await backOff.wait(stopped)
    }
  }
}

function withAdvice(error: unknown, topic: string): unknown {
  const isMissing = error instanceof QueueError && error.reason === 'no-topic'
  return isMissing
    ? new QueueError('no-topic', `there is no topic ${topic}: run "picket topics apply"`, error)
    : error
}

export function wrongWidth(topic: string, found: number, wanted: number): QueueError {
  return new QueueError('broken', `${topic} has ${found} partitions, not ${wanted}: ${widthAdvice(found)}`)
}

/** A topic's width is never changed under its readers. */
export function widthAdvice(found: number): string {
  return `the number is fixed for a topic's life; set kafka.partitions to ${found}, or use another kafka.prefix and "picket topics apply"`
}
