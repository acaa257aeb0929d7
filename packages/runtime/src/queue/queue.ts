/**
 * Queue: the port of a partitioned log (Kafka, or memory). Everything that crosses processes goes through it.
 *
 * Two things differ from what Kafka clients usually offer. The reader decides where reading begins, every time it is
 * given a partition (its offset lives beside its state, the group's committed offset is only a hint for lag). And a
 * partition's messages are handed over strictly in order, one call at a time.
 */

export interface Message {
  readonly offset: number
  /** The broker's time of appending, ms since 1970 UTC. */
  readonly time: number
  readonly key: Uint8Array | null
  /** Null is a tombstone of a compacted topic. */
  readonly value: Uint8Array | null
}

export interface Outgoing {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/** One call of a reader gets no more messages: many, since light agents send five packets a message and a reader commits at the end of a call. */
export const CALL_MESSAGES = 512

/** What of a partition can be read: [start, end). */
export interface Extent {
  readonly start: number
  readonly end: number
}

export interface ProducerOptions {
  /** Topics to send as it is what compresses badly, or is read again at once: addresses, mostly. */
  readonly uncompressed?: readonly string[]
}

export interface Producer {
  /** Resolves when all in-sync replicas have them, with the offset of the first; order within a partition is kept. Rejects with QueueError. */
  send(topic: string, partition: number, messages: readonly Outgoing[]): Promise<number>
  /** The same for several partitions of one topic, in one request where that is possible. Not atomic: a failure may leave some appended. */
  sendAll(topic: string, messages: readonly (Outgoing & { readonly partition: number })[]): Promise<void>
  close(): Promise<void>
}

/** Whoever reads a topic as a member of a group. All calls for one partition come one after the other. */
export interface PartitionReader {
  /**
   * The partition is ours from now on. Answers with the offset to read next, which lies within the extent or the
   * subscription fails loudly (QueueError `out-of-range`): skipping unread messages in silence is never right.
   */
  assigned(partition: number, extent: Extent): Promise<number>
  /**
   * Messages in order. When it rejects with `Reassign`, `assigned` is asked anew and reading goes on from its answer; with
   * anything else that is `retryable`, the same messages come again; with all else the subscription stops with that fault.
   */
  messages(partition: number, messages: readonly Message[], end: number): Promise<void>
  /** The partition is no longer ours; what is still under way for it will be refused by the store. */
  revoked(partition: number): Promise<void>
}

export interface SubscribeOptions {
  readonly topic: string
  readonly group: string
  /** Partitions handled side by side. */
  readonly concurrency?: number
}

export interface Subscription {
  /** Partitions that are ours now. */
  readonly assigned: readonly number[]
  /** Why reading has stopped for good; undefined while it goes on. */
  readonly fault: Error | undefined
  /** As if a call for this partition had rejected with `Reassign`, also while nothing comes for it. Nothing where it is not ours. */
  reassign(partition: number): void
  /** Ends after the call that is under way; resolves when nothing more is delivered. */
  stop(): Promise<void>
}

export interface Queue {
  producer(options?: ProducerOptions): Promise<Producer>
  subscribe(options: SubscribeOptions, reader: PartitionReader): Promise<Subscription>
  /** How many partitions the topic has; rejects with QueueError `no-topic`. */
  partitions(topic: string): Promise<number>
  extent(topic: string, partition: number): Promise<Extent>
  /** Reads [from, to) without a group: for whoever needs a whole topic, such as bans or the proofs. */
  read(topic: string, partition: number, from: number, to: number): AsyncIterable<Message>
  /** Can the brokers be reached now? */
  reachable(): boolean
  close(): Promise<void>
}

/** What the reader holds in memory is not what the store holds: it wants to begin again from there. */
export class Reassign extends Error {
  override readonly name = 'Reassign'

  constructor(message: string, cause?: unknown) {
    super(message, { cause })
  }
}

export type QueueFault = 'unreachable' | 'no-topic' | 'out-of-range' | 'denied' | 'too-large' | 'broken'

export class QueueError extends Error {
  override readonly name = 'QueueError'
  readonly reason: QueueFault
  readonly retryable: boolean

  constructor(reason: QueueFault, message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
    this.retryable = reason === 'unreachable'
  }
}
