/**
 * Allowlist authority: signs whom the fleet never bans, so that every host knows it too. Whoever signs for the first partition of the
 * bans does it, for all responders.
 *
 * As with bans, what holds is kept in the store first and published then, and each look mends what differs.
 */
import { failpoint, type Producer } from '@picket/runtime'
import {
  ALLOWLIST_KEY,
  ALLOWLIST_PARTITION,
  MAX_ALLOWLIST_ENTRIES,
  type SigningKey,
  signAllowlist,
} from '@picket/runtime/bans'
import {
  type AllowEntry,
  AllowList,
  adoptedAllowlist,
  type Confirmed,
  checkAllowlist,
  inForce,
  nextRevision,
  type SignedEntry,
  signedEntries,
} from '../../index.ts'
import type { BanDesk } from './ban-desk.ts'
import type { BanSettings } from './response-state.ts'
import type { TopicWatch } from './topic-watch.ts'

export interface AllowlistListener {
  allowlistPublished(revision: number, entries: number): void
  allowlistAdopted(entries: number): void
  publishFailed(error: Error): void
  foreign(subject: string): void
  lookFailed(error: Error): void
}

export interface AllowlistOptions {
  readonly bans: BanDesk
  readonly prefix: string
  readonly producer: () => Producer
  readonly key: SigningKey | undefined
  /** Of the configuration. */
  readonly allow: () => readonly AllowEntry[]
  readonly now: () => number
  readonly events: AllowlistListener
}

const LOOK_MS = 1_000

export class AllowlistAuthority {
  readonly #options: AllowlistOptions
  #timer: NodeJS.Timeout | undefined
  #turn: Promise<void> = Promise.resolve()
  #isLooking = false

  constructor(options: AllowlistOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => void this.#tick(), LOOK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #tick(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      await this.look()
    } catch (error) {
      this.#options.events.lookFailed(error as Error)
    } finally {
      this.#isLooking = false
    }
  }

  /** After a command. What cannot be published now is kept, and is by a later look. */
  async changed(): Promise<void> {
    await this.look().catch((error: Error) => this.#options.events.publishFailed(error))
  }

  /** Compares and mends. Rejects where store or topic cannot be read. */
  look(): Promise<void> {
    this.#turn = this.#turn.catch(() => undefined).then(() => this.#look())
    return this.#turn
  }

  /** Bans in force that the entry touches: who lifts them does not matter, the responder's own look may come first. */
  covered(entry: AllowEntry): string[] {
    const { bans, now } = this.#options
    const at = now()
    const list = new AllowList([entry])
    const touched = bans.records.filter(({ subject }) => list.entryFor(subject, at) !== undefined)
    return touched.filter((record) => inForce(record, at).length > 0).map(({ subject }) => subject)
  }

  /** How far the hosts that are alive have taken the newest list. */
  get confirmed(): Confirmed {
    const { bans, now } = this.#options
    const everywhere = { hosts: [], from: 0, until: Number.POSITIVE_INFINITY, why: '' }
    const revision = bans.settings.allowRevision ?? 0
    if (revision === 0) return NOBODY_ASKED
    return bans.confirmations.of({ subject: ALLOWLIST_KEY, revision, wishes: [everywhere] }, now())
  }

  async #look(): Promise<void> {
    const { bans, key } = this.#options
    const home = bans.authorityOf(ALLOWLIST_PARTITION)
    if (home === undefined || key === undefined) return
    await home.withTopic((watch) => this.#compare(watch, key))
  }

  async #compare(watch: TopicWatch, key: SigningKey): Promise<void> {
    const { bans, events } = this.#options
    const there = watch.allowlist
    const { allowRevision = 0 } = bans.settings
    const verdict = checkAllowlist(this.#wished(bans.settings), allowRevision, there)
    if (verdict === 'same') return
    if (verdict === 'foreign') events.foreign(ALLOWLIST_KEY)
    if (verdict === 'adopt' && there !== undefined) {
      bans.useSettings(await bans.state.settings.update((before) => adoptedAllowlist(before, there)))
      events.allowlistAdopted(bans.settings.allow.length)
      // what the configuration says may differ from what it said then
      if (checkAllowlist(this.#wished(bans.settings), bans.settings.allowRevision ?? 0, there) === 'same')
        return
    }
    await this.#publish(watch, key)
  }

  async #publish(watch: TopicWatch, key: SigningKey): Promise<void> {
    const { bans, now, producer, prefix, events } = this.#options
    // what we signed ourselves was adopted before this
    const claimed = watch.allowlist?.revision ?? 0
    const settings = await bans.state.settings.update((before) => ({
      ...before,
      allowRevision: nextRevision(before.allowRevision ?? 0, now(), claimed),
    }))
    bans.useSettings(settings)
    failpoint('responder.allowlist-kept')
    const revision = settings.allowRevision ?? 0
    const entries = this.#wished(settings)
    const value = signAllowlist({ entries, revision }, key)
    try {
      await producer().send(`${prefix}.bans`, ALLOWLIST_PARTITION, [{ key: KEY, value }])
    } catch (error) {
      // the next look publishes it
      events.publishFailed(error as Error)
      return
    }
    watch.sentAllowlist({ revision, entries, isOurs: true })
    events.allowlistPublished(revision, entries.length)
  }

  #wished({ allow }: BanSettings): SignedEntry[] {
    const all = new AllowList([...this.#options.allow(), ...allow]).at(this.#options.now())
    return signedEntries(all.entries).slice(0, MAX_ALLOWLIST_ENTRIES)
  }
}

const NOBODY_ASKED: Confirmed = { hosts: 0, applied: [], refused: [], failed: [], missing: [] }
const KEY = new TextEncoder().encode(ALLOWLIST_KEY)
