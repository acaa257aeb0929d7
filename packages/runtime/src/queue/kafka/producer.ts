/**
 * The idempotent producer: acks by all in-sync replicas, one request in flight per broker, each partition in order.
 *
 * It tries for as long as it takes; `send` is rejected only for what trying again cannot mend. What comes for other partitions while
 * a request is under way goes together in the next one.
 */
import { BackOff, pause } from '../../back-off.ts'
import { type Outgoing, type Producer, type ProducerOptions, QueueError } from '../queue.ts'
import type { KafkaClient } from './client.ts'
import type { ClusterClient } from './cluster-client.ts'
import { isLoginFault, toQueueError, typeOf } from './faults.ts'
import { GZIP, type ProducerIdentity, UNCOMPRESSED } from './kafkajs.ts'
import { ProduceLane } from './produce-lane.ts'
import { lanesOfOneRequest, offsetOf, topicData } from './produce-request.ts'

/** More than any broker takes at once (1 MiB by default). */
const MOST_BYTES = 16 << 20
/** A topic that was just made, or whose brokers just came up, is not known at once. */
const MISSING_MS = 10_000
const LOOK_AGAIN_MS = 500
/** The broker has forgotten this producer, or what it had of it is lost. */
const FORGOTTEN = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
])

export class KafkaProducer implements Producer {
  readonly #client: KafkaClient
  readonly #at: ClusterClient
  readonly #uncompressed: ReadonlySet<string>
  readonly #lanes = new Map<string, ProduceLane>()
  readonly #busy = new Set<number>()
  readonly #topics = new Set<string>()
  readonly #stop = new AbortController()
  #identity: ProducerIdentity | undefined
  #pumping: Promise<void> | undefined
  #isPumpWanted = false
  #requests = 0
  readonly #backOff = new BackOff()

  constructor(client: KafkaClient, { uncompressed = [] }: ProducerOptions = {}) {
    this.#client = client
    this.#uncompressed = new Set(uncompressed)
    this.#at = client.openCluster()
  }

  send(topic: string, partition: number, messages: readonly Outgoing[]): Promise<number> {
    const bytes = messages.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0)
    return new Promise((resolve, reject) => {
      if (this.#stop.signal.aborted) return reject(closed())
      if (messages.length === 0) return reject(new RangeError('there is nothing to send'))
      if (bytes > MOST_BYTES)
        return reject(new QueueError('too-large', `${bytes} bytes for ${topic} at once`))
      const pending = { messages, bytes, resolve, reject, isAmbiguous: false, missingSince: undefined }
      this.#laneOf(topic, partition).waiting.push(pending)
      this.#pump()
    })
  }

  async sendAll(
    topic: string,
    messages: readonly (Outgoing & { readonly partition: number })[],
  ): Promise<void> {
    const byPartition = new Map<number, Outgoing[]>()
    for (const message of messages) {
      const own = byPartition.get(message.partition)
      if (own === undefined) byPartition.set(message.partition, [message])
      else own.push(message)
    }
    await Promise.all([...byPartition].map(([partition, own]) => this.send(topic, partition, own)))
  }

  /** What is under way is given up: nobody knows whether it was appended. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#at.close()
    for (const lane of this.#lanes.values()) lane.abandon(closed())
  }

  #laneOf(topic: string, partition: number): ProduceLane {
    const key = `${topic}\0${partition}`
    const lane = this.#lanes.get(key) ?? new ProduceLane(topic, partition, !this.#uncompressed.has(topic))
    this.#lanes.set(key, lane)
    return lane
  }

  /** Begins what can begin now. One at a time; sends of the same turn of the event loop go together. */
  #pump(): void {
    this.#isPumpWanted = true
    this.#pumping ??= this.#pumpAll().finally(() => {
      this.#pumping = undefined
      if (this.#isPumpWanted && !this.#stop.signal.aborted) this.#pump()
    })
  }

  async #pumpAll(): Promise<void> {
    while (this.#isPumpWanted && !this.#stop.signal.aborted) {
      this.#isPumpWanted = false
      await Promise.resolve()
      try {
        await this.#begin()
      } catch (thrown) {
        this.#isPumpWanted = true
        for (const lane of this.#idle()) this.#judge(lane, thrown, false)
        await this.#recover(thrown)
      }
    }
  }

  #idle(): ProduceLane[] {
    return [...this.#lanes.values()].filter((lane) => !lane.isBusy && lane.head !== undefined)
  }

  async #begin(): Promise<void> {
    const idle = this.#idle()
    if (idle.length === 0) return
    await this.#learn(idle)
    for (const [leader, lanes] of this.#byLeader(idle)) {
      if (this.#busy.has(leader)) continue
      const chosen = lanesOfOneRequest(lanes)
      this.#busy.add(leader)
      this.#requests++
      for (const lane of chosen) {
        lane.isBusy = true
        lane.servedAt = this.#requests
      }
      void this.#request(leader, chosen)
    }
  }

  /** Who leads, and who we are. */
  async #learn(lanes: readonly ProduceLane[]): Promise<void> {
    const unknown = lanes.map(({ topic }) => topic).filter((topic) => !this.#topics.has(topic))
    for (const topic of new Set(unknown)) await this.#learnTopic(topic)
    await this.#at.ask((cluster) => cluster.refreshMetadataIfNecessary())
    if (this.#identity === undefined && lanes.some(({ identity }) => identity === undefined)) {
      this.#identity = await this.#at.ask(async (cluster) => {
        const broker = await cluster.findControllerBroker()
        return broker.initProducerId({ transactionTimeout: 60_000 })
      })
    }
    for (const lane of lanes) lane.identity ??= this.#identity
  }

  /** One that cannot be used is its senders' fault alone. */
  async #learnTopic(topic: string): Promise<void> {
    try {
      await this.#at.learn(topic)
      this.#topics.add(topic)
    } catch (thrown) {
      if (toQueueError(thrown, '').retryable || isLoginFault(thrown)) throw thrown
      const own = this.#idle().filter((lane) => lane.topic === topic)
      for (const lane of own) this.#judge(lane, thrown, false)
      if (own.some(({ head }) => head !== undefined)) {
        void pause(LOOK_AGAIN_MS, this.#stop.signal).then(() => this.#pump())
      }
    }
  }

  #byLeader(lanes: readonly ProduceLane[]): Map<number, ProduceLane[]> {
    const byLeader = new Map<number, ProduceLane[]>()
    for (const lane of lanes) {
      const leader = this.#topics.has(lane.topic) ? this.#leaderOf(lane) : undefined
      if (leader === undefined) continue
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), lane])
    }
    return byLeader
  }

  #leaderOf(lane: ProduceLane): number | undefined {
    const partitions = this.#at.cluster.findTopicPartitionMetadata(lane.topic)
    const found = partitions.find(({ partitionId }) => partitionId === lane.partition)
    if (found !== undefined && found.leader >= 0) return found.leader
    const wanted = `${lane.topic} ${lane.partition}`
    if (partitions.length > 0 && found === undefined) {
      lane.refused(new QueueError('no-topic', `there is no partition ${wanted}`))
      return undefined
    }
    throw new QueueError('unreachable', `${wanted} has no leader now`)
  }

  async #request(leader: number, lanes: readonly ProduceLane[]): Promise<void> {
    try {
      const [first] = lanes
      const identity = first?.identity ?? { producerId: -1, producerEpoch: 0 }
      const response = await this.#at.ask(async (cluster) => {
        const broker = await cluster.findBroker({ nodeId: String(leader) })
        return broker.produce({
          ...identity,
          acks: -1,
          timeout: this.#client.requestTimeoutMs,
          compression: first?.isCompressed === false ? UNCOMPRESSED : GZIP,
          topicData: topicData(lanes),
        })
      })
      for (const lane of lanes) lane.appended(offsetOf(response, lane))
      this.#backOff.reset()
    } catch (thrown) {
      await this.#failed(lanes, thrown)
    } finally {
      this.#busy.delete(leader)
      for (const lane of lanes) lane.isBusy = false
      this.#pump()
    }
  }

  async #failed(lanes: readonly ProduceLane[], thrown: unknown): Promise<void> {
    if (lanes.length > 1) for (const lane of lanes) sendAlone(lane)
    else if (FORGOTTEN.has(typeOf(thrown) ?? '')) this.#forgotten(lanes)
    else for (const lane of lanes) this.#judge(lane, thrown, true)
    await this.#recover(thrown)
  }

  async #recover(thrown: unknown): Promise<void> {
    const error = toQueueError(thrown, 'kafka: sending')
    const isLogin = isLoginFault(thrown)
    this.#client.log[isLogin ? 'error' : 'debug']({ err: error.message }, 'kafka: could not append')
    if (!error.retryable && !isLogin && error.reason !== 'no-topic') return
    await this.#backOff.wait(this.#stop.signal)
    if (!this.#stop.signal.aborted) await this.#at.recover(thrown).catch(() => undefined)
  }

  /** What it had acknowledged may be lost, which is the brokers' doing; the batch at hand is sent as a new producer's first. */
  #forgotten(lanes: readonly ProduceLane[]): void {
    this.#identity = undefined
    for (const lane of lanes) {
      this.#client.log.warn(
        { topic: lane.topic, partition: lane.partition },
        'kafka: the broker has lost our place',
      )
      lane.renew()
    }
  }

  /** Whether this lane's first batch is tried again (nothing is done), or refused. */
  #judge(lane: ProduceLane, thrown: unknown, wasSent: boolean): void {
    const { head } = lane
    if (head === undefined) return
    const error = toQueueError(thrown, `kafka: sending to ${lane.topic} ${lane.partition}`)
    if (error.retryable || isLoginFault(thrown)) {
      head.isAmbiguous ||= wasSent
      return
    }
    if (error.reason === 'no-topic') {
      head.missingSince ??= performance.now()
      if (performance.now() - head.missingSince < MISSING_MS) return
    }
    if (head.isAmbiguous) this.#identity = undefined
    lane.refused(error)
  }
}

function sendAlone(lane: ProduceLane): void {
  lane.isAlone = true
  if (lane.head !== undefined) lane.head.isAmbiguous = true
}

function closed(): QueueError {
  return new QueueError('unreachable', 'the producer is closed')
}
