/**
 * A fleet of real parts on this machine: a broker, a Redis, and the processes that a test starts on them.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_REDIS, openStore, type PartitionStore, type Producer } from '@picket/runtime'
import { KafkaQueue } from '@picket/runtime/kafka'
import { freePort } from '../services/free-port.ts'
import { type Kafka, type KafkaOptions, startKafka } from '../services/kafka.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { leaveGroup } from '../services/leave-group.ts'
import { type Redis, type RedisOptions, startRedis } from '../services/redis.ts'
import { waitUntil } from '../services/wait-until.ts'
import { FleetProcess } from './fleet-process.ts'
import type { TrafficBatch } from './traffic.ts'

export interface FleetOptions {
  readonly kafka?: KafkaOptions
  /** One that runs already, and goes on when the fleet ends: then give a prefix that no other test has. */
  readonly broker?: Kafka
  readonly redis?: RedisOptions
  /** Of the server that processes are sent to, where that is not Redis itself. */
  readonly redisAddress?: (redis: Redis) => Promise<string>
  readonly partitions?: number
  /** Of topics and groups. */
  readonly prefix?: string
  /** Lines of a topic's configuration. */
  readonly topics?: Readonly<Record<string, string>>
  /** Of this test's own requests to the broker. */
  readonly requestTimeoutMs?: number
}

const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing }
/** `metrics.port` of a configuration is the collector's; the others come after it. */
const PORT_AFTER = { run: 0, collector: 0, enforcer: 1, detector: 2, responder: 3 }
/** Of one request to the broker, which takes 1 MiB for a partition. */
const PUBLISH_BYTES = 700_000
const SETTLE_MS = 120_000

export class RealFleet {
  readonly kafka: Kafka
  readonly redis: Redis
  readonly partitions: number
  readonly prefix: string
  readonly queue: KafkaQueue
  readonly folder: string
  /** `host:port` that processes and this test use. */
  readonly redisAddress: string
  readonly #options: FleetOptions
  #admin: KafkaAdmin | undefined
  #store: PartitionStore | undefined
  #producer: Producer | undefined
  readonly #processes: FleetProcess[] = []

  private constructor(kafka: Kafka, redis: Redis, redisAddress: string, options: FleetOptions) {
    this.kafka = kafka
    this.redis = redis
    this.#options = options
    this.partitions = options.partitions ?? 4
    this.prefix = options.prefix ?? 'picket'
    this.redisAddress = redisAddress
    this.folder = mkdtempSync(join(tmpdir(), 'picket-fleet-'))
    this.queue = new KafkaQueue({
      brokers: [...kafka.addresses],
      clientId: 'test',
      tls: undefined,
      sasl: undefined,
      ...(options.requestTimeoutMs === undefined ? {} : { requestTimeoutMs: options.requestTimeoutMs }),
    })
  }

  static async start(options: FleetOptions = {}): Promise<RealFleet> {
    const [kafka, redis] = await Promise.all([
      options.broker ?? startKafka(options.kafka),
      startRedis(options.redis),
    ])
    const fleet = new RealFleet(kafka, redis, (await options.redisAddress?.(redis)) ?? redis.address, options)
    await fleet.#makeTopics()
    return fleet
  }

  async #makeTopics(): Promise<void> {
    const admin = await this.admin()
    const replicas = this.kafka.addresses.length
    const { topics } = this.#options
    for (const name of ['packets', 'contacts', 'alerts']) {
      await admin.makeTopic(this.topic(name), this.partitions, topics, replicas)
    }
    for (const name of ['receipts', 'dead-letters'])
      await admin.makeTopic(this.topic(name), 1, topics, replicas)
  }

  topic(name: string): string {
    return `${this.prefix}.${name}`
  }

  async admin(): Promise<KafkaAdmin> {
    this.#admin ??= await KafkaAdmin.connect(this.kafka.addresses)
    return this.#admin
  }

  async store(): Promise<PartitionStore> {
    this.#store ??= await openStore({ ...DEFAULT_REDIS, url: `redis://${this.redisAddress}` }, SILENT)
    return this.#store
  }

  /** Not yet started. */
  async process(service: FleetProcess['command']['service'], config: object = {}): Promise<FleetProcess> {
    const folder = join(this.folder, `${service}-${this.#processes.length}`)
    mkdirSync(folder)
    // The one that the process will listen on must be free, not the one that is configured.
    const port = await freePort()
    const base = port - PORT_AFTER[service]
    const name = `${service}-${this.#processes.length}`
    const { kafka = {}, redis = {}, ...others } = config as Record<string, object>
    const started = new FleetProcess({
      service,
      name,
      folder,
      port,
      config: {
        kafka: {
          brokers: this.kafka.addresses,
          clientId: name,
          prefix: this.prefix,
          sessionTimeoutSeconds: 6,
          partitions: {
            packets: this.partitions,
            contacts: this.partitions,
            alerts: this.partitions,
            receipts: 1,
          },
          ...kafka,
        },
        redis: { url: `redis://${this.redisAddress}`, ...redis },
        metrics: { port: base },
        state: join(folder, 'state'),
        ...others,
      },
    })
    this.#processes.push(started)
    return started
  }

  /** A process that was killed is told to its groups, which would find it out only when its session ends. */
  async bury(dead: FleetProcess): Promise<void> {
    const admin = await this.admin()
    const groups = ['detector', 'detector-contacts', 'responder', 'responder-receipts']
    for (const group of groups.map((name) => `${this.prefix}-${name}`)) {
      for (const member of await admin.membersOf(group)) {
        if (!member.startsWith(`${dead.command.name}-`)) continue
        await leaveGroup(this.kafka.address, group, member)
      }
    }
  }

  async publish(batches: Iterable<TrafficBatch>, topic: string = this.topic('packets')): Promise<number> {
    this.#producer ??= await this.queue.producer()
    let packets = 0
    let bytes = 0
    let waiting: { partition: number; key: null; value: Uint8Array }[] = []
    for (const { partition, value, packets: count } of batches) {
      packets += count
      waiting.push({ partition, key: null, value })
      bytes += value.length
      if (bytes < PUBLISH_BYTES) continue
      await this.#producer.sendAll(topic, waiting)
      waiting = []
      bytes = 0
    }
    if (waiting.length > 0) await this.#producer.sendAll(topic, waiting)
    return packets
  }

  /** Until everything that is on the topic is committed. */
  settled(deadlineMs: number = SETTLE_MS): Promise<void> {
    return this.#settledStage('packets', deadlineMs)
  }

  /** As it stands when asked: watermarks go on coming each second. */
  settledContacts(deadlineMs: number = SETTLE_MS): Promise<void> {
    return this.#settledStage('contacts', deadlineMs)
  }

  async #settledStage(stage: 'packets' | 'contacts', deadlineMs: number): Promise<void> {
    const store = await this.store()
    const ends: number[] = []
    for (let partition = 0; partition < this.partitions; partition++) {
      ends.push((await this.queue.extent(this.topic(stage), partition)).end)
    }
    await waitUntil(
      async () => {
        for (const [partition, end] of ends.entries()) {
          const position = await store.position(`${stage}:${partition}`).catch(() => undefined)
          if (end > 0 && (position ?? 0) < end) return false
        }
        return true
      },
      () => `all ${stage} to be committed; ${this.#processes.map((one) => one.log()).join('\n')}`,
      deadlineMs,
    )
  }

  async stop(): Promise<void> {
    for (const one of this.#processes) await one.kill()
    await this.#producer?.close()
    await this.#store?.close()
    await this.queue.close()
    await this.#admin?.close().catch(() => undefined)
    await Promise.all([this.#options.broker === undefined ? this.kafka.stop() : undefined, this.redis.stop()])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function nothing(): void {}
