/**
 * PartitionFeed: hands one partition's messages to its reader, one call at a time; the same for every adapter of the queue.
 *
 * It alone knows where reading stands. An adapter pushes what it has read from `next` on whenever the feed is hungry, and must not
 * push anything else: a gap or a repeat is refused.
 */
import { asError, BackOff, isRetryable } from '../back-off.ts'
import type { CallLimit } from './call-limit.ts'
import {
  CALL_MESSAGES,
  type Extent,
  type Message,
  type PartitionReader,
  QueueError,
  Reassign,
} from './queue.ts'

export interface FeedHost {
  readonly topic: string
  readonly reader: PartitionReader
  readonly limit: CallLimit
  /** The feed can take more from its `next`. */
  hungry(): void
  /** What of the partition can be read now. */
  extent(partition: number): Promise<Extent>
  /** Nothing more will be delivered; the subscription must end. */
  failed(error: Error): void
  /** Something will be tried again. */
  retried(partition: number, error: Error): void
}

/** One call of the reader gets no more than this, nor more than CALL_MESSAGES. */
const MOST_BYTES = 4 << 20

export interface ReadLot {
  readonly messages: readonly Message[]
  readonly next: number
  /** The end of what can be read of the partition. */
  readonly end: number
}

interface Fetched {
  readonly messages: readonly Message[]
  readonly end: number
}

export class PartitionFeed {
  readonly partition: number
  readonly #host: FeedHost
  /** Our reader knows where to begin. */
  #isOpen = false
  /** Our reader was asked, and so has to be told of the end. */
  #isOurs = false
  /** Our reader wants to be asked anew. */
  #isMisplaced = false
  #abort = new AbortController()
  #work: Promise<void> | undefined
  #waiting: Fetched | undefined
  #position = 0
  #next = 0

  constructor(partition: number, host: FeedHost) {
    this.partition = partition
    this.#host = host
  }

  /** The offset after the last message that the reader has taken. */
  get position(): number {
    return this.#position
  }

  /** The offset to be pushed next. */
  get next(): number {
    return this.#next
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** One lot is handled while the next may wait; more would only cost memory. */
  get isHungry(): boolean {
    return this.#isOpen && this.#waiting === undefined && !this.#abort.signal.aborted
  }

  /** Goes on, or begins: the reader is asked where, the first time. */
  start(): void {
    if (this.#abort.signal.aborted) this.#abort = new AbortController()
    this.#work ??= this.#run()
  }

  /**
   * What was read from offset `from` on, and where reading goes on after it; with compaction that may lie well behind the last
   * message. What was asked for before the feed was put elsewhere comes too late, and is ignored.
   */
  push(from: number, { messages, next, end }: ReadLot): void {
    if (!this.isHungry || from !== this.#next) return
    const wanted = messages.filter(({ offset }) => offset >= from)
    this.#next = Math.max(next, from)
    if (wanted.length === 0) {
      if (this.#work === undefined) this.#position = this.#next
      return
    }
    this.#waiting = { messages: wanted, end }
    this.#work ??= this.#run()
  }

  /** Asks the reader anew where to go on, after the call that may be under way. */
  reassign(): void {
    if (!this.#isOpen) return
    this.#isMisplaced = true
    if (!this.#abort.signal.aborted) this.#work ??= this.#run()
  }

  /** No call begins any more; resolves when the one that is under way has ended. What waits is dropped. */
  async hold(): Promise<void> {
    this.#abort.abort()
    await this.#work
    this.#waiting = undefined
    this.#next = this.#position
  }

  /** For good. */
  async close(): Promise<void> {
    await this.hold()
    await this.#revoke()
  }

  async #run(): Promise<void> {
    try {
      const backOff = new BackOff()
      while (!this.#abort.signal.aborted) {
        if (await this.#step(backOff)) continue
        if (this.#isOpen && !this.#isMisplaced && this.#waiting === undefined) break
      }
    } catch (error) {
      this.#abort.abort()
      this.#host.failed(asError(error))
    } finally {
      this.#work = undefined
    }
    if (this.isHungry) this.#host.hungry()
  }

  /** True when it did what was to be done; false when nothing is to be done, or it must be tried again. */
  async #step(backOff: BackOff): Promise<boolean> {
    try {
      if (this.#isMisplaced) this.#unplace()
      if (!this.#isOpen) await this.#open()
      else if (this.#waiting === undefined) return false
      else await this.#deliver()
      backOff.reset()
      return true
    } catch (error) {
      const wantsPlace = error instanceof Reassign
      if (!wantsPlace && !isRetryable(error)) throw error
      this.#host.retried(this.partition, asError(error))
      if (wantsPlace) this.#unplace()
      await backOff.wait(this.#abort.signal)
      return false
    }
  }

  /** Whatever waits was read from the wrong place. */
  #unplace(): void {
    this.#isOpen = false
    this.#isMisplaced = false
    this.#waiting = undefined
  }

  async #open(): Promise<void> {
    const { reader, limit, topic } = this.#host
    const extent = await this.#host.extent(this.partition)
    this.#isOurs = true
    const wanted = await limit.run(() => reader.assigned(this.partition, extent))
    requireWithin(`${topic} ${this.partition}`, wanted, extent)
    this.#position = wanted
    this.#next = wanted
    this.#isOpen = true
    this.#host.hungry()
  }

  async #deliver(): Promise<void> {
    const lot = this.#waiting
    if (lot === undefined) return
    this.#waiting = undefined
    const after = this.#next
    this.#host.hungry()
    let rest = lot.messages
    try {
      while (rest.length > 0 && !this.#abort.signal.aborted) {
        const chunk = rest.slice(0, chunkLength(rest))
        const isTaken = await this.#host.limit.run(() => this.#call(chunk, lot.end))
        if (isTaken) rest = rest.slice(chunk.length)
      }
      if (rest.length === 0) this.#position = Math.max(this.#position, after)
    } catch (error) {
      this.#keepForRetry({ messages: rest, end: lot.end })
      throw error
    }
  }

  /** The wait for a turn may have been long: what was held meanwhile is not delivered. */
  async #call(chunk: readonly Message[], end: number): Promise<boolean> {
    const last = chunk[chunk.length - 1]
    if (this.#abort.signal.aborted || last === undefined) return false
    await this.#host.reader.messages(this.partition, chunk, end)
    this.#position = last.offset + 1
    return true
  }

  /** What came meanwhile stands behind it. */
  #keepForRetry(lot: Fetched): void {
    const later = this.#waiting?.messages ?? []
    this.#waiting = { messages: [...lot.messages, ...later], end: Math.max(lot.end, this.#waiting?.end ?? 0) }
  }

  async #revoke(): Promise<void> {
    this.#unplace()
    if (!this.#isOurs) return
    this.#isOurs = false
    await this.#host.reader.revoked(this.partition).catch((error: unknown) => {
      this.#host.retried(this.partition, asError(error))
    })
  }
}

function chunkLength(messages: readonly Message[]): number {
  let bytes = 0
  let length = 0
  for (const { key, value } of messages) {
    bytes += (key?.length ?? 0) + (value?.length ?? 0)
    if (length > 0 && (length >= CALL_MESSAGES || bytes > MOST_BYTES)) break
    length++
  }
  return length
}

export function requireWithin(where: string, wanted: number, extent: Extent): void {
  if (Number.isSafeInteger(wanted) && wanted >= extent.start && wanted <= extent.end) return
  throw outOfRange(where, wanted, extent)
}

export function outOfRange(where: string, wanted: number, { start, end }: Extent): QueueError {
  const why =
    wanted > end
      ? 'the topic has fewer messages than were read from it: was it made anew?'
      : 'messages that were not read yet are gone: the retention was too short'
  const text = `${where}: reading must go on at ${wanted}, but the topic holds ${start} to ${end}; ${why}`
  return new QueueError('out-of-range', text)
}
