/**
 * ClusterClient: one user of the brokers, with its own sockets and its own view of who leads what.
 *
 * kafkajs may lose itself in waiting. Whatever is asked of it here ends in time; when it does not answer at all, it is thrown away
 * and begun anew, which costs nothing but connections: numbers, places and groups are kept by those who ask.
 */
import { QueueError } from '../queue.ts'
import type { Connections } from './connections.ts'
import { closedBroker, isUngreeted, silentBroker } from './faults.ts'
import type { Cluster } from './kafkajs.ts'

export interface OpenCluster {
  readonly cluster: Cluster
  readonly connections: Connections
}

export class ClusterClient {
  readonly #open: () => OpenCluster
  readonly #patienceMs: number
  readonly #topics = new Set<string>()
  #now: OpenCluster
  #isClosed = false

  constructor(open: () => OpenCluster, patienceMs: number) {
    this.#open = open
    this.#patienceMs = patienceMs
    this.#now = open()
  }

  get cluster(): Cluster {
    return this.#now.cluster
  }

  /** Asks kafkajs for something; `moreMs` for what takes long by its nature. */
  async ask<T>(question: (cluster: Cluster) => Promise<T>, moreMs = 0): Promise<T> {
    const asked = this.#now
    const answer = question(asked.cluster)
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#beginAnew(asked)
        reject(
          new QueueError('unreachable', 'the brokers did not answer, and their connections are opened anew'),
        )
      }, this.#patienceMs + moreMs)
    })
    try {
      return await Promise.race([answer, silence])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Has the topic's leaders known from now on. */
  async learn(topic: string): Promise<number> {
    await this.ask(async (cluster) => {
      await cluster.connect()
      await cluster.addMultipleTargetTopics([topic])
    })
    this.#topics.add(topic)
    return this.cluster.findTopicPartitionMetadata(topic).length
  }

  /** After a failure: breaks what is silent and learns anew who leads. Rejects when that fails, too. */
  async recover(thrown: unknown): Promise<void> {
    const silent = silentBroker(thrown)
    if (silent !== undefined || isUngreeted(thrown)) this.#now.connections.break(silent)
    await this.ask(async (cluster) => {
      const closed = closedBroker(thrown)
      if (closed !== undefined) cluster.removeBroker(closed)
      if (!cluster.isConnected()) await cluster.connect()
      await cluster.addMultipleTargetTopics([...this.#topics])
      await cluster.refreshMetadata()
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await end(this.#now)
  }

  #beginAnew(asked: OpenCluster): void {
    if (this.#isClosed || asked !== this.#now) return
    void end(asked)
    this.#now = this.#open()
  }
}

async function end({ cluster, connections }: OpenCluster): Promise<void> {
  connections.close()
  await cluster.disconnect().catch(() => undefined)
}
