/**
 * Administration of a test's broker: topics are made, trimmed and deleted, and are there when that is told.
 *
 * The one place of the tests that uses kafkajs by itself, as an outsider would.
 */
import kafkajs, { type Admin, type ITopicMetadata } from 'kafkajs'
import { waitUntil } from './wait-until.ts'

/** Its connection was cut, or it does not know the leaders of a topic that is new. */
const PASSING = /onnection|while deleting records/

export class KafkaAdmin {
  readonly #admin: Admin

  private constructor(admin: Admin) {
    this.#admin = admin
  }

  static async connect(address: string | readonly string[]): Promise<KafkaAdmin> {
    const kafka = new kafkajs.Kafka({
      brokers: typeof address === 'string' ? [address] : [...address],
      clientId: 'test-admin',
      logLevel: kafkajs.logLevel.NOTHING,
    })
    const admin = kafka.admin()
    await admin.connect()
    return new KafkaAdmin(admin)
  }

  /** With the broker's time, as Picket's topics; `waitForLeaders` of kafkajs is known to hang. */
  async makeTopic(
    topic: string,
    partitions: number,
    config: Readonly<Record<string, string>> = {},
    replicas = 1,
  ): Promise<string> {
    const all = { 'message.timestamp.type': 'LogAppendTime', ...config }
    const configEntries = Object.entries(all).map(([name, value]) => ({ name, value }))
    const wish = { topic, numPartitions: partitions, replicationFactor: replicas, configEntries }
    await this.#insist(() => this.#admin.createTopics({ waitForLeaders: false, topics: [wish] }))
    await waitUntil(() => this.#hasLeaders(topic, partitions), `topic ${topic} to have leaders`)
    return topic
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.#insist(() => this.#admin.deleteTopics({ topics: [topic] }))
  }

  async addPartitions(topic: string, count: number): Promise<void> {
    await this.#insist(() => this.#admin.createPartitions({ topicPartitions: [{ topic, count }] }))
  }

  /** As retention does, but now. */
  async trim(topic: string, partition: number, start: number): Promise<void> {
    const partitions = [{ partition, offset: String(start) }]
    await this.#insist(() => this.#admin.deleteTopicRecords({ topic, partitions }))
  }

  /** -1 while there is none, or nobody can say. */
  async leaderOf(topic: string, partition: number): Promise<number> {
    const partitions = await this.#partitionsOf(topic)
    return partitions.find(({ partitionId }) => partitionId === partition)?.leader ?? -1
  }

  /** All replicas of all partitions are in sync. */
  async isWhole(topic: string): Promise<boolean> {
    const partitions = await this.#partitionsOf(topic)
    return partitions.length > 0 && partitions.every(({ isr, replicas }) => isr.length === replicas.length)
  }

  /** 0: there is no such topic. */
  async partitionsOf(topic: string): Promise<number> {
    return (await this.#partitionsOf(topic)).length
  }

  async configOf(topic: string): Promise<Record<string, string>> {
    const { resources } = await this.#admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
    })
    const entries = resources[0]?.configEntries ?? []
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]))
  }

  async committed(group: string, topic: string): Promise<number[]> {
    const [found] = await this.#admin.fetchOffsets({ groupId: group, topics: [topic] })
    return (found?.partitions ?? []).map(({ offset }) => Number(offset))
  }

  /** Their ids, which begin with their client's. */
  async membersOf(group: string): Promise<string[]> {
    const { groups } = await this.#admin.describeGroups([group])
    return groups.flatMap(({ members }) => members.map(({ memberId }) => memberId))
  }

  async close(): Promise<void> {
    await this.#admin.disconnect()
  }

  /** A test may have cut its connection before; it is opened again by the next attempt. */
  async #insist(work: () => Promise<unknown>): Promise<void> {
    for (let left = 5; ; left--) {
      try {
        await work()
        return
      } catch (error) {
        if (left === 0 || !PASSING.test(String(error))) throw error
      }
    }
  }

  async #hasLeaders(topic: string, partitions: number): Promise<boolean> {
    const made = await this.#partitionsOf(topic)
    return made.length === partitions && made.every(({ leader }) => leader >= 0)
  }

  /** None while brokers are away. */
  async #partitionsOf(topic: string): Promise<ITopicMetadata['partitions']> {
    try {
      const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] })
      return topics[0]?.partitions ?? []
    } catch {
      return []
    }
  }
}
