/**
 * GroupSubscription: a member of a group and the feeds of what it was given.
 *
 * Its life is one loop: join, feed, show signs of life until the group changes, let what is under way end, join again. Before it
 * joins no call of the reader is under way any more, so that nobody else can be given a partition that is still being worked on.
 */
import { asError, BackOff, pause } from '../../back-off.ts'
import { CallLimit } from '../call-limit.ts'
import { outOfRange, PartitionFeed } from '../partition-feed.ts'
import {
  type Extent,
  type PartitionReader,
  QueueError,
  type SubscribeOptions,
  type Subscription,
} from '../queue.ts'
import type { KafkaClient } from './client.ts'
import type { ClusterClient } from './cluster-client.ts'
import { extentOf } from './extent.ts'
import { isLoginFault, toQueueError } from './faults.ts'
import { FetchLoop } from './fetch-loop.ts'
import { GroupMember, type Share } from './group-member.ts'
import { isAboutGroup, isChange, showLife, signEveryMs } from './signs-of-life.ts'

const SIDE_BY_SIDE = 4
const SESSION_MS = 30_000
const REBALANCE_MS = 60_000
const MISSING_MS = 10_000
const LEAVE_MS = 3000

export class GroupSubscription implements Subscription {
  readonly #client: KafkaClient
  readonly #at: ClusterClient
  readonly #options: SubscribeOptions
  readonly #partitions: number
  readonly #member: GroupMember
  readonly #fetching: FetchLoop
  readonly #feeds = new Map<number, PartitionFeed>()
  readonly #stop = new AbortController()
  readonly #sessionMs: number
  readonly #makeFeed: (partition: number) => PartitionFeed
  #fault: Error | undefined
  #ended: Promise<void>
  #missingSince: number | undefined

  constructor(
    client: KafkaClient,
    at: ClusterClient,
    options: SubscribeOptions & { readonly partitions: number },
    reader: PartitionReader,
  ) {
    this.#client = client
    this.#at = at
    this.#options = options
    this.#partitions = options.partitions
    this.#sessionMs = client.settings.sessionTimeoutMs ?? SESSION_MS
    const { topic, group } = options
    const place = { group, topic, sessionTimeoutMs: this.#sessionMs, rebalanceTimeoutMs: REBALANCE_MS }
    this.#member = new GroupMember(at, place)
    this.#fetching = new FetchLoop(client, at, {
      topic,
      feeds: () => [...this.#feeds.values()],
      failed: (thrown) => this.#fetchFailed(thrown),
    })
    const host = {
      topic,
      reader,
      limit: new CallLimit(options.concurrency ?? SIDE_BY_SIDE),
      hungry: () => this.#fetching.poke(),
      extent: (partition: number) => this.#extent(partition),
      failed: (error: Error) => this.#fail(error),
      retried: (partition: number, error: Error) => this.#retried(partition, error),
    }
    this.#makeFeed = (partition) => new PartitionFeed(partition, host)
    this.#ended = this.#live()
  }

  get assigned(): readonly number[] {
    return [...this.#feeds.keys()].sort((a, b) => a - b)
  }

  get fault(): Error | undefined {
    return this.#fault
  }

  reassign(partition: number): void {
    this.#feeds.get(partition)?.reassign()
  }

  stop(): Promise<void> {
    this.#halt()
    return this.#ended
  }

  /** From this moment on no call begins; the rest of the ending takes its time. */
  #halt(): void {
    this.#stop.abort()
    for (const feed of this.#feeds.values()) void feed.hold()
  }

  async #live(): Promise<void> {
    const backOff = new BackOff()
    while (!this.#stop.signal.aborted) {
      try {
        await this.#joinOnce()
        backOff.reset()
        await this.#stay()
      } catch (thrown) {
        await this.#interrupted(thrown, backOff)
      }
    }
    await this.#end()
  }

  async #joinOnce(): Promise<void> {
    await this.#at.ask((cluster) => cluster.connect())
    const joining = this.#member.join()
    const share = await this.#unlessStopped(joining)
    if (share === undefined) joining.catch(() => undefined)
    else await this.#settle(share)
  }

  /** Undefined, some time after `stop`: a group that is just forming may keep us waiting. */
  async #unlessStopped<T>(work: Promise<T>): Promise<T | undefined> {
    let wait = (): void => undefined
    const late = new Promise<undefined>((resolve) => {
      wait = () => void pause(LEAVE_MS).then(() => resolve(undefined))
      this.#stop.signal.addEventListener('abort', wait)
    })
    try {
      return await Promise.race([work, late])
    } finally {
      this.#stop.signal.removeEventListener('abort', wait)
    }
  }

  async #settle({ partitions, isUnbroken }: Share): Promise<void> {
    const { topic, group } = this.#options
    await this.#closeFeeds((partition) => !isUnbroken || !partitions.includes(partition))
    if (this.#stop.signal.aborted) return
    const known = this.#at.cluster.findTopicPartitionMetadata(topic).length
    if (known !== this.#partitions) {
      this.#fail(new QueueError('broken', `${topic} had ${this.#partitions} partitions and now has ${known}`))
      return
    }
    this.#client.log.info({ topic, group, partitions }, 'kafka: partitions assigned')
    for (const partition of partitions) {
      const feed = this.#feeds.get(partition) ?? this.#makeFeed(partition)
      this.#feeds.set(partition, feed)
      feed.start()
    }
    this.#fetching.poke()
  }

  async #stay(): Promise<void> {
    await showLife({
      member: this.#member,
      sessionMs: this.#sessionMs,
      stopped: this.#stop.signal,
      recover: (thrown) => this.#at.recover(thrown).catch(() => undefined),
      commit: () => this.#commit(),
    })
  }

  async #interrupted(thrown: unknown, backOff: BackOff): Promise<void> {
    if (this.#stop.signal.aborted) return
    const { topic, group } = this.#options
    const error = toQueueError(thrown, `kafka: group ${group} of ${topic}`)
    this.#client.log.info(
      { topic, group, err: error.message },
      'kafka: the group changes, or cannot be reached',
    )
    await this.#holdFeeds()
    if (!isChange(thrown)) {
      this.#member.forget()
      await this.#closeFeeds(() => true)
    }
    await backOff.wait(this.#stop.signal)
    if (isAboutGroup(thrown)) return
    const isHopeless = !error.retryable && error.reason !== 'no-topic' && !isLoginFault(thrown)
    if (isHopeless || this.#isMissing(error)) this.#fail(error)
    if (!this.#stop.signal.aborted) await this.#at.recover(thrown).catch(() => undefined)
  }

  /** The group is told that we live while what is under way ends: it waits for us, and would not wait for the dead. */
  async #holdFeeds(): Promise<void> {
    const held = Promise.all([...this.#feeds.values()].map((feed) => feed.hold()))
    const done = new AbortController()
    void held.finally(() => done.abort())
    while (!done.signal.aborted) {
      await pause(signEveryMs(this.#sessionMs), done.signal)
      if (!done.signal.aborted) await this.#member.heartbeat().catch(() => undefined)
    }
    await held
    await this.#commit()
  }

  async #closeFeeds(isLost: (partition: number) => boolean): Promise<void> {
    const lost = [...this.#feeds].filter(([partition]) => isLost(partition))
    await Promise.all(
      lost.map(async ([partition, feed]) => {
        await feed.close()
        this.#feeds.delete(partition)
      }),
    )
  }

  async #end(): Promise<void> {
    await this.#holdFeeds()
    await this.#closeFeeds(() => true)
    await Promise.race([this.#member.leave().catch(() => undefined), pause(LEAVE_MS)])
    await this.#at.close()
    await this.#fetching.stop()
  }

  async #commit(): Promise<void> {
    const positions = [...this.#feeds.values()].filter((feed) => feed.isOpen)
    const offsets = new Map(positions.map((feed) => [feed.partition, feed.position]))
    const committed = this.#member.commit(offsets)
    await Promise.race([committed, pause(LEAVE_MS)]).catch((thrown: unknown) => {
      this.#client.log.debug(
        { err: String(thrown) },
        'kafka: the offsets were not committed, which is no loss',
      )
    })
  }

  async #extent(partition: number): Promise<Extent> {
    try {
      return await extentOf(this.#at, this.#options.topic, partition)
    } catch (thrown) {
      await this.#at.recover(thrown).catch(() => undefined)
      const error = toQueueError(thrown, `kafka: the extent of ${this.#options.topic} ${partition}`)
      const mayPass = isLoginFault(thrown) || (error.reason === 'no-topic' && !this.#isMissing(error))
      if (!mayPass) throw error
      throw new QueueError('unreachable', error.message, thrown)
    }
  }

  async #fetchFailed(thrown: unknown): Promise<void> {
    const error = toQueueError(thrown, `kafka: reading ${this.#options.topic}`)
    if (error.reason === 'out-of-range') await this.#checkRange()
    else if (this.#isMissing(error) || (error.reason === 'denied' && !isLoginFault(thrown))) this.#fail(error)
  }

  /** A broker that has just become leader may be behind for a moment: what the topic holds decides. */
  async #checkRange(): Promise<void> {
    for (const feed of [...this.#feeds.values()].filter(({ isOpen }) => isOpen)) {
      const extent = await this.#extent(feed.partition).catch(() => undefined)
      if (extent === undefined || (feed.next >= extent.start && feed.next <= extent.end)) continue
      this.#fail(outOfRange(`${this.#options.topic} ${feed.partition}`, feed.next, extent))
    }
  }

  #isMissing({ reason }: QueueError): boolean {
    if (reason !== 'no-topic') {
      this.#missingSince = undefined
      return false
    }
    this.#missingSince ??= performance.now()
    return performance.now() - this.#missingSince > MISSING_MS
  }

  #retried(partition: number, error: Error): void {
    this.#client.log.warn(
      { topic: this.#options.topic, partition, err: error.message },
      'kafka: messages could not be handled now; they come again',
    )
  }

  #fail(thrown: unknown): void {
    if (this.#fault !== undefined) return
    this.#fault = asError(thrown)
    const { topic, group } = this.#options
    this.#client.log.error({ topic, group, err: this.#fault.message }, 'kafka: reading has stopped for good')
    this.#halt()
  }
}
