/**
 * KafkaClient: from settings to connections that are ready to use, with fresh secrets each time.
 *
 * A cluster's retries are few and short: whoever uses it goes round in a loop of its own, which can be stopped.
 */
import { readFileSync } from 'node:fs'
import kafkajs, { type Admin, type KafkaConfig } from 'kafkajs'
import { BackOff } from '../../back-off.ts'
import { QueueError } from '../queue.ts'
import { ClusterClient, type OpenCluster } from './cluster-client.ts'
import { Connections, Reachability } from './connections.ts'
import { toQueueError } from './faults.ts'
import { ClusterOf, createLogger, SCRAM } from './kafkajs.ts'
import type { KafkaSaslSettings, KafkaSettings, QueueLog } from './settings.ts'

const CONNECT_MS = 5000
const REQUEST_MS = 30_000
const METADATA_MS = 300_000
/** For connecting and logging in, beside the request itself. */
const SPARE_MS = 20_000

export class KafkaClient {
  readonly settings: KafkaSettings
  readonly log: QueueLog
  readonly reachability: Reachability = new Reachability()

  constructor(settings: KafkaSettings, log: QueueLog) {
    this.settings = settings
    this.log = log
  }

  get requestTimeoutMs(): number {
    return this.settings.requestTimeoutMs ?? REQUEST_MS
  }

  openCluster(): ClusterClient {
    return new ClusterClient(() => this.#newCluster(), this.requestTimeoutMs * 2 + SPARE_MS)
  }

  #newCluster(): OpenCluster {
    const connections = new Connections(this.settings.tls, this.reachability)
    const cluster = new ClusterOf({
      ...this.#options(connections),
      logger: createLogger({ level: kafkajs.logLevel.INFO, ...this.#logging() }),
      offsets: new Map(),
      metadataMaxAge: METADATA_MS,
      allowAutoTopicCreation: false,
      maxInFlightRequests: null,
      isolationLevel: 0,
    })
    return { cluster, connections }
  }

  /** Runs one piece of administration over connections of its own. */
  async administrate<T>(doing: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    const connections = new Connections(this.settings.tls, this.reachability)
    const kafka = new kafkajs.Kafka({ ...this.#options(connections), ...this.#logging() })
    const admin = kafka.admin()
    try {
      await admin.connect()
      return await work(admin)
    } catch (error) {
      throw toQueueError(error, doing)
    } finally {
      await admin.disconnect().catch(() => undefined)
      connections.close()
    }
  }

  /** Tries until it succeeds, fails for a reason that will not pass, or is stopped. */
  async persist<T>(doing: string, work: () => Promise<T>, stopped: AbortSignal): Promise<T> {
    const backOff = new BackOff()
    for (;;) {
      if (stopped.aborted) throw new QueueError('unreachable', `${doing}: stopped`)
      try {
        return await work()
      } catch (thrown) {
        const error = toQueueError(thrown, doing)
        if (!error.retryable || stopped.aborted) throw error
        this.log.debug({ err: error.message }, 'kafka: will try again')
        await backOff.wait(stopped)
      }
    }
  }

  #options(connections: Connections): KafkaConfig {
    const { brokers, clientId, tls, sasl } = this.settings
    return {
      brokers: [...brokers],
      clientId,
      socketFactory: connections.open,
      connectionTimeout: CONNECT_MS,
      authenticationTimeout: CONNECT_MS * 2,
      requestTimeout: this.requestTimeoutMs,
      enforceRequestTimeout: true,
      // our socket factory reads the files itself
      ...(tls === undefined ? {} : { ssl: {} }),
      ...(sasl === undefined ? {} : { sasl: freshScram(sasl) }),
      retry: { retries: 1, initialRetryTime: 50, maxRetryTime: 500 },
    }
  }

  /** What kafkajs calls an error it mostly tries again by itself; what matters is told by whoever gives up. */
  #logging(): Required<Pick<KafkaConfig, 'logLevel' | 'logCreator'>> {
    return {
      logLevel: kafkajs.logLevel.INFO,
      logCreator:
        () =>
        ({ namespace, log: { timestamp: _, logger: __, message, ...fields } }) => {
          this.log.debug({ kafkajs: namespace, ...fields }, `kafkajs: ${message}`)
        },
    }
  }
}

/** kafkajs keeps the first password it was given; this one reads it for each login. */
function freshScram({
  mechanism,
  username,
  passwordFile,
}: KafkaSaslSettings): NonNullable<KafkaConfig['sasl']> {
  return {
    mechanism,
    authenticationProvider: (connection) => ({
      authenticate: async () => {
        const password = readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '')
        await SCRAM[mechanism]({ username, password })(connection).authenticate()
      },
    }),
  }
}
