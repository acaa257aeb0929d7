/**
 * The queue over Kafka. Everything that waits for brokers waits for as long as it takes; only what asks about a topic fails early.
 */
import type { ReadLot } from '../partition-feed.ts'
import {
  type Extent,
  type Message,
  type PartitionReader,
  type Producer,
  type ProducerOptions,
  type Queue,
  QueueError,
  type SubscribeOptions,
  type Subscription,
} from '../queue.ts'
import { KafkaClient } from './client.ts'
import type { ClusterClient } from './cluster-client.ts'
import { extentOf } from './extent.ts'
import { toQueueError } from './faults.ts'
import { fetchOnce } from './fetch.ts'
import { KafkaProducer } from './producer.ts'
import { type KafkaSettings, type QueueLog, SILENT } from './settings.ts'
import { GroupSubscription } from './subscription.ts'

const PROBE_EACH_MS = 10_000
const READ_WAIT_MS = 500

export class KafkaQueue implements Queue {
  readonly #client: KafkaClient
  readonly #stop = new AbortController()
  readonly #open = new Set<{ close(): Promise<void> }>()
  readonly #subscriptions = new Set<Subscription>()
  readonly #probing: NodeJS.Timeout
  #probe: ClusterClient | undefined

  constructor(settings: KafkaSettings, log: QueueLog = SILENT) {
    this.#client = new KafkaClient(settings, log)
    this.#probing = setInterval(() => void this.#look(), PROBE_EACH_MS).unref()
  }

  async producer(options?: ProducerOptions): Promise<Producer> {
    this.#requireOpen()
    const producer = new KafkaProducer(this.#client, options)
    this.#open.add(producer)
    return producer
  }

  /** Waits for the brokers; a topic that is not there, or not for us, is told at once. */
  async subscribe(options: SubscribeOptions, reader: PartitionReader): Promise<Subscription> {
    const { topic } = options
    const at = this.#client.openCluster()
    try {
      const know = (): Promise<number> => learn(at, topic)
      const partitions = await this.#client.persist(`kafka: subscribing to ${topic}`, know, this.#stop.signal)
      const subscription = new GroupSubscription(this.#client, at, { ...options, partitions }, reader)
      this.#subscriptions.add(subscription)
      return subscription
    } catch (error) {
      await at.close()
      throw error
    }
  }

  partitions(topic: string): Promise<number> {
    return this.#ask(`kafka: the partitions of ${topic}`, (at) => learn(at, topic))
  }

  extent(topic: string, partition: number): Promise<Extent> {
    return this.#ask(`kafka: the extent of ${topic} ${partition}`, async (at) => {
      await learn(at, topic)
      return extentOf(at, topic, partition)
    })
  }

  async *read(topic: string, partition: number, from: number, to: number): AsyncIterable<Message> {
    const at = this.#client.openCluster()
    try {
      let next = from
      while (next < to) {
        const lot = await this.#client.persist(
          `kafka: reading ${topic} ${partition}`,
          () => readOnce(at, topic, partition, next),
          this.#stop.signal,
        )
        yield* lot.messages.filter(({ offset }) => offset < to)
        // nothing is left of what stood before the end: compaction took it
        next = lot.next === next && lot.end > next ? lot.end : lot.next
      }
    } finally {
      await at.close()
    }
  }

  reachable(): boolean {
    return this.#client.reachability.isReachable
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()))
    await Promise.all([...this.#open].map((producer) => producer.close()))
    clearInterval(this.#probing)
    await this.#probe?.close()
  }

  /** Over connections of its own, since a topic that is gone spoils what else is asked over the same ones. */
  async #ask<T>(doing: string, question: (at: ClusterClient) => Promise<T>): Promise<T> {
    this.#requireOpen()
    const at = this.#client.openCluster()
    try {
      return await question(at)
    } catch (thrown) {
      throw toQueueError(thrown, doing)
    } finally {
      await at.close()
    }
  }

  /** Where nothing was heard for a while, nothing may have been asked: brokers close what is idle. */
  async #look(): Promise<void> {
    if (this.#client.reachability.silentMs() < PROBE_EACH_MS) return
    this.#probe ??= this.#client.openCluster()
    const probe = this.#probe
    try {
      await probe.ask(async (cluster) => {
        await cluster.connect()
        await cluster.refreshMetadata()
      })
    } catch (thrown) {
      this.#client.reachability.failed()
      await probe.recover(thrown).catch(() => undefined)
    }
  }

  #requireOpen(): void {
    if (this.#stop.signal.aborted) throw new QueueError('broken', 'the queue is closed')
  }
}

/** How many partitions the topic has; the cluster knows them, and who leads them, from then on. */
async function learn(at: ClusterClient, topic: string): Promise<number> {
  const partitions = await at.learn(topic)
  if (partitions === 0) throw new QueueError('no-topic', `there is no topic ${topic}`)
  return partitions
}

async function readOnce(at: ClusterClient, topic: string, partition: number, from: number): Promise<ReadLot> {
  const nodeId = await leaderOf(at, topic, partition)
  try {
    const wish = { topic, from: new Map([[partition, from]]), maxWaitMs: READ_WAIT_MS }
    const lots = await at.ask(async (cluster) => fetchOnce(await cluster.findBroker({ nodeId }), wish))
    return lots.get(partition) ?? { messages: [], next: from, end: from }
  } catch (thrown) {
    await at.recover(thrown).catch(() => undefined)
    throw thrown
  }
}

async function leaderOf(at: ClusterClient, topic: string, partition: number): Promise<string> {
  await learn(at, topic)
  const found = at.cluster
    .findTopicPartitionMetadata(topic)
    .find(({ partitionId }) => partitionId === partition)
  if (found === undefined) throw new QueueError('no-topic', `topic ${topic} has no partition ${partition}`)
  if (found.leader < 0) throw new QueueError('unreachable', `${topic} ${partition} has no leader now`)
  return String(found.leader)
}
