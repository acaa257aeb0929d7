/**
 * Topic watch: the newest message of each subject in one partition of the bans, as it lies there.
 *
 * It reads without a group, from the start once and then what comes. Who signs reads what he wrote back: a message that is not his own
 * was put there by somebody else.
 */
import type { Message, Queue } from '@picket/runtime'
import {
  ALLOWLIST_KEY,
  type PinnedKeys,
  publicKeyText,
  readPublicKey,
  type SigningKey,
  verifyAllowlist,
  verifyBan,
} from '@picket/runtime/bans'
import type { AllowlistOnTopic, OnTopic } from '../../index.ts'

/** Ours alone: what lies there under another key was put there by somebody else. */
export function pinnedOf(key: SigningKey | undefined): PinnedKeys {
  if (key === undefined) return new Map()
  return new Map([[key.id, readPublicKey(publicKeyText(key.publicKey), 'the key that signs')]])
}

export class TopicWatch {
  readonly #queue: Queue
  readonly #topic: string
  readonly #partition: number
  /** Ours, and nobody else's. */
  readonly #keys: PinnedKeys
  readonly #newest = new Map<string, OnTopic>()
  #allowlist: AllowlistOnTopic | undefined
  #next = 0

  constructor(queue: Queue, topic: string, partition: number, keys: PinnedKeys) {
    this.#queue = queue
    this.#topic = topic
    this.#partition = partition
    this.#keys = keys
  }

  get subjects(): readonly string[] {
    return [...this.#newest.keys()]
  }

  of(subject: string): OnTopic | undefined {
    return this.#newest.get(subject)
  }

  /** What we have just sent, until it is read back. */
  sent(subject: string, onTopic: OnTopic | undefined): void {
    if (onTopic === undefined) this.#newest.delete(subject)
    else this.#newest.set(subject, onTopic)
  }

  /** It lies under a key that is no subject. */
  get allowlist(): AllowlistOnTopic | undefined {
    return this.#allowlist
  }

  sentAllowlist(onTopic: AllowlistOnTopic): void {
    this.#allowlist = onTopic
  }

  /** Reads what came since. */
  async catchUp(): Promise<void> {
    const { start, end } = await this.#queue.extent(this.#topic, this.#partition)
    const from = Math.max(this.#next, start)
    if (from >= end) return
    for await (const message of this.#queue.read(this.#topic, this.#partition, from, end)) {
      this.#take(message)
      this.#next = message.offset + 1
    }
    this.#next = Math.max(this.#next, end)
  }

  #take({ key, value }: Message): void {
    if (key === null) return
    const subject = new TextDecoder().decode(key)
    if (subject === ALLOWLIST_KEY) {
      this.#takeAllowlist(value)
      return
    }
    if (value === null) {
      this.#newest.delete(subject)
      return
    }
    const verified = verifyBan(value, this.#keys)
    const ban = verified.ok ? verified.ban : verified.claimed
    const isOurs = verified.ok && verified.ban.subject === subject
    this.#newest.set(subject, { revision: ban?.revision ?? 0, wishes: ban?.wishes ?? [], isOurs })
  }
  #takeAllowlist(value: Uint8Array | null): void {
    if (value === null) {
      this.#allowlist = undefined
      return
    }
    const verified = verifyAllowlist(value, this.#keys)
    const list = verified.ok ? verified.list : verified.claimed
    this.#allowlist = { revision: list?.revision ?? 0, entries: list?.entries ?? [], isOurs: verified.ok }
  }
}
