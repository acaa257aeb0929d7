/**
 * Administration of a test's broker: topics are made, trimmed and deleted, and are there when that is told.
 *
 * The one place of the tests that uses kafkajs by itself, as an outsider would.
 */
import kafkajs, { type Admin } from 'kafkajs'
import { waitUntil } from './wait-until.ts'

export class KafkaAdmin {
  readonly #admin: Admin

  private constructor(admin: Admin) {
    this.#admin = admin
  }

  static async connect(address: string): Promise<KafkaAdmin> {
    const kafka = new kafkajs.Kafka({
      brokers: [address],
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

  async leaderOf(topic: string, partition: number): Promise<number> {
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader ?? -1
  }

  async committed(group: string, topic: string): Promise<number[]> {
    const [found] = await this.#admin.fetchOffsets({ groupId: group, topics: [topic] })
    return (found?.partitions ?? []).map(({ offset }) => Number(offset))
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
        if (left === 0 || !String(error).includes('onnection')) throw error
      }
    }
  }

  async #hasLeaders(topic: string, partitions: number): Promise<boolean> {
    try {
      const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] })
      const made = topics[0]?.partitions ?? []
      return made.length === partitions && made.every(({ leader }) => leader >= 0)
    } catch {
      return false
    }
  }
}
