/**
 * WishFeed: the topic of bans, first the whole of it, then what comes.
 *
 * The whole is read without a group, since nothing may be decided before its end is known. Following begins where that ended; if the
 * topic was cut or made anew meanwhile, from its start: an old message is told by its revision.
 *
 * A partition that the group has not given us is read without it. After a kill the group waits for the one that died, for half a
 * minute perhaps, and no ban may wait with it; nor on two hosts that were given one name.
 */
import {
  type Extent,
  type Message,
  type PartitionReader,
  pause,
  type Queue,
  type Subscription,
  within,
} from '@picket/runtime'

export interface Appended {
  readonly bytes: Uint8Array
  /** By the broker's clock. */
  readonly time: number
}

export interface FeedSettings {
  readonly topic: string
  readonly group: string
}

const RETRY_FIRST_MS = 200
const RETRY_MOST_MS = 5_000
/** Between two looks at what the group has not given us: each connects anew, and where two hosts have one name it is for ever. */
const LOOK_FIRST_MS = 250
const LOOK_MOST_MS = 1_000
/** A look that the broker keeps waiting is left behind. */
const LOOK_END_MS = 1_000

type Take = (lot: readonly Appended[]) => Promise<void>

export class WishFeed {
  readonly #queue: Queue
  readonly #settings: FeedSettings
  readonly #failed: (error: Error) => void
  readonly #ending = new AbortController()
  readonly #next = new Map<number, number>()
  #subscription: Subscription | undefined
  #looking: Promise<void> = Promise.resolve()
  #notLooking = new AbortController()
  fault: string | undefined

  constructor(queue: Queue, settings: FeedSettings, failed: (error: Error) => void) {
    this.#queue = queue
    this.#settings = settings
    this.#failed = failed
  }

  /** All that stands there now, in the order of appending. Tries for as long as it takes; undefined when stopped meanwhile. */
  readAll(): Promise<Appended[] | undefined> {
    return this.#persist(async () => {
      const count = await this.#queue.partitions(this.#settings.topic)
      const partitions = Array.from({ length: count }, (_, partition) => this.#readPartition(partition))
      return (await Promise.all(partitions)).flat().sort((a, b) => a.time - b.time)
    })
  }

  /** Resolves when following has begun. */
  async follow(take: Take): Promise<void> {
    const reader: PartitionReader = {
      assigned: async (partition, extent) => this.#startOf(partition, extent),
      messages: async (partition, messages) => {
        await take(messages.flatMap(valued))
        this.#next.set(partition, (messages.at(-1)?.offset ?? -1) + 1)
      },
      revoked: async () => undefined,
    }
    await this.#persist(async () => {
      this.#subscription = await this.#queue.subscribe(this.#settings, reader)
    })
    const following = this.#subscription
    if (following === undefined || this.#ending.signal.aborted) return
    this.#notLooking = new AbortController()
    this.#looking = this.#lookBeside(following, take, this.#notLooking.signal)
  }

  /** While all partitions are ours this asks nothing of the broker. */
  async #lookBeside(following: Subscription, take: Take, ended: AbortSignal): Promise<void> {
    let waitMs = LOOK_FIRST_MS
    while (!ended.aborted && following.fault === undefined) {
      await pause(waitMs, ended)
      const missing = [...this.#next.keys()].filter((partition) => !following.assigned.includes(partition))
      const isQuiet = missing.length > 0 && !(await this.#hasNews(missing, take, ended))
      waitMs = isQuiet ? Math.min(waitMs * 2, LOOK_MOST_MS) : LOOK_FIRST_MS
    }
  }

  async #hasNews(missing: readonly number[], take: Take, ended: AbortSignal): Promise<boolean> {
    let hasNews = false
    for (const partition of missing) {
      // the group reads it sooner or later, and says what is wrong
      const isNews = await this.#lookAt(partition, take, ended).catch(() => false)
      hasNews ||= isNews
    }
    return hasNews
  }

  /** Whether there was anything. After the end nothing is taken: all may be read again by then. */
  async #lookAt(partition: number, take: Take, ended: AbortSignal): Promise<boolean> {
    if (ended.aborted) return false
    const { topic } = this.#settings
    const extent = await this.#queue.extent(topic, partition)
    const from = this.#startOf(partition, extent)
    if (from >= extent.end) return false
    const lot: Appended[] = []
    for await (const message of this.#queue.read(topic, partition, from, extent.end)) {
      if (ended.aborted) return false
      lot.push(...valued(message))
    }
    if (ended.aborted) return false
    await take(lot)
    if (!ended.aborted) this.#next.set(partition, extent.end)
    return true
  }

  /** Why nothing more comes; the caller reads all again then. */
  get stopped(): Error | undefined {
    return this.#subscription?.fault
  }

  /** Ends following, so that all can be read again. */
  async end(): Promise<void> {
    const following = this.#subscription
    this.#subscription = undefined
    this.#notLooking.abort()
    await Promise.all([following?.stop(), within(LOOK_END_MS, this.#looking)])
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await this.end()
  }

  async #readPartition(partition: number): Promise<Appended[]> {
    const { topic } = this.#settings
    const { start, end } = await this.#queue.extent(topic, partition)
    const lot: Appended[] = []
    for await (const message of this.#queue.read(topic, partition, start, end)) lot.push(...valued(message))
    this.#next.set(partition, end)
    return lot
  }

  #startOf(partition: number, { start, end }: Extent): number {
    const next = this.#next.get(partition) ?? start
    return next >= start && next <= end ? next : start
  }

  async #persist<T>(attempt: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#ending
    for (let waitMs = RETRY_FIRST_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, RETRY_MOST_MS)) {
      try {
        const result = await attempt()
        this.fault = undefined
        return result
      } catch (error) {
        this.fault = `no bans come from the broker: ${(error as Error).message}`
        this.#failed(error as Error)
        await pause(waitMs, signal)
      }
    }
    return undefined
  }
}

/** A tombstone never changes a kernel. */
function valued({ value, time }: Message): Appended[] {
  return value === null ? [] : [{ bytes: value, time }]
}
