/**
 * FetchLoop: keeps the feeds of one subscription fed, one request at a time to each broker that leads some of their partitions.
 *
 * A request waits at the broker while there is nothing new. When some partition is left out because its reader is busy, the wait is
 * short, so that it does not have to sit out the others' silence.
 */
import { BackOff } from '../../back-off.ts'
import type { PartitionFeed } from '../partition-feed.ts'
import type { KafkaClient } from './client.ts'
import type { ClusterClient } from './cluster-client.ts'
import { fetchOnce } from './fetch.ts'

const WAIT_MS = 500
const SHORT_WAIT_MS = 10

export interface FetchHost {
  readonly topic: string
  feeds(): readonly PartitionFeed[]
  /** A fetch failed. What it rejects with ends the subscription. */
  failed(thrown: unknown): Promise<void>
}

export class FetchLoop {
  readonly #at: ClusterClient
  readonly #client: KafkaClient
  readonly #host: FetchHost
  readonly #busy = new Map<number, Promise<void>>()
  readonly #stop = new AbortController()
  readonly #backOff = new BackOff(2000)
  #recovering: Promise<void> | undefined

  constructor(client: KafkaClient, at: ClusterClient, host: FetchHost) {
    this.#client = client
    this.#at = at
    this.#host = host
  }

  /** Asks for what is wanted now, of whoever is not asked already. */
  poke(): void {
    if (this.#stop.signal.aborted || this.#recovering !== undefined) return
    for (const [leader, feeds] of this.#byLeader()) {
      if (this.#busy.has(leader)) continue
      const hungry = feeds.filter((feed) => feed.isHungry)
      if (hungry.length === 0) continue
      const maxWaitMs = hungry.length < feeds.length ? SHORT_WAIT_MS : WAIT_MS
      this.#busy.set(leader, this.#ask(leader, hungry, maxWaitMs))
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all([this.#recovering, ...this.#busy.values()])
  }

  #byLeader(): Map<number, PartitionFeed[]> {
    const byLeader = new Map<number, PartitionFeed[]>()
    const open = this.#host.feeds().filter((feed) => feed.isOpen)
    if (open.length === 0) return byLeader
    const leaders = new Map(
      this.#at.cluster
        .findTopicPartitionMetadata(this.#host.topic)
        .map(({ partitionId, leader }) => [partitionId, leader]),
    )
    for (const feed of open) {
      const leader = leaders.get(feed.partition) ?? -1
      if (leader < 0) this.#recover(new Error(`${this.#host.topic} ${feed.partition} has no leader now`))
      else byLeader.set(leader, [...(byLeader.get(leader) ?? []), feed])
    }
    return byLeader
  }

  async #ask(leader: number, feeds: readonly PartitionFeed[], maxWaitMs: number): Promise<void> {
    try {
      const from = new Map(feeds.map((feed) => [feed.partition, feed.next]))
      const lots = await this.#at.ask(async (cluster) => {
        const broker = await cluster.findBroker({ nodeId: String(leader) })
        return fetchOnce(broker, { topic: this.#host.topic, from, maxWaitMs })
      })
      this.#backOff.reset()
      for (const feed of feeds) {
        const lot = lots.get(feed.partition)
        if (lot !== undefined) feed.push(from.get(feed.partition) ?? 0, lot)
      }
    } catch (thrown) {
      this.#recover(thrown)
    } finally {
      this.#busy.delete(leader)
      // not at once: what failed at once would be asked for ever without a pause
      setImmediate(() => this.poke())
    }
  }

  #recover(thrown: unknown): void {
    if (this.#stop.signal.aborted) return
    this.#recovering ??= this.#recoverNow(thrown).finally(() => {
      this.#recovering = undefined
      this.poke()
    })
  }

  async #recoverNow(thrown: unknown): Promise<void> {
    this.#client.log.debug(
      { err: String(thrown), topic: this.#host.topic },
      'kafka: could not fetch, will try again',
    )
    await this.#host.failed(thrown)
    await this.#backOff.wait(this.#stop.signal)
    if (!this.#stop.signal.aborted) await this.#at.recover(thrown).catch(() => undefined)
  }
}
