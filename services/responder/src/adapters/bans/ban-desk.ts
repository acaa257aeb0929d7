/**
 * Ban desk: all that one responder does about bans: which partitions it signs for, what it was asked, and who has not confirmed.
 *
 * A subject's home is the partition of its first address, which is that of its alerts too. What has another home than ours waits in the
 * store for whoever owns that one.
 */
import { randomUUID } from 'node:crypto'
import type { PinnedKeys } from '@picket/runtime/bans'
import {
  AllowList,
  type BanLengths,
  type BanMode,
  type BanRecord,
  type BanRequest,
  bannedUntil,
  type Confirmations,
  inForce,
  type PastBan,
  type Placed,
  type Placing,
  settled,
  wideBans,
} from '../../index.ts'
import type { Seat } from '../seat.ts'
import { BanAuthority } from './ban-authority.ts'
import type { BanDeskOptions, BanDeskSettings } from './ban-desk-options.ts'
import { type ListedBan, listBans, unconfirmed } from './list-bans.ts'
import { homeOf, OtherPartitions } from './other-partitions.ts'
import { ReceiptWatch } from './receipt-watch.ts'
import {
  type BanSettings,
  NO_SETTINGS,
  type Order,
  orderId,
  orderSubject,
  ResponseState,
} from './response-state.ts'
import { pinnedOf, TopicWatch } from './topic-watch.ts'

/** `handed-over`: another responder owns the partition, and will do it. */
export type Outcome = Placed | { readonly ok: true; readonly isHandedOver: true }

const STATE_MS = 250
const LOOK_MS = 1_000
const ORDER_LIFE_MS = 60_000

export class BanDesk {
  readonly state: ResponseState
  readonly receipts: ReceiptWatch
  #options: BanDeskOptions
  readonly #authorities = new Map<number, BanAuthority>()
  readonly #others: OtherPartitions
  readonly #keys: PinnedKeys
  /** Older bans are not waited for. */
  #since = Number.POSITIVE_INFINITY
  #settings: BanSettings = NO_SETTINGS
  #allow: AllowList
  #timers: NodeJS.Timeout[] = []
  #busy = new Set<string>()

  constructor(options: BanDeskOptions) {
    this.#options = options
    this.state = new ResponseState(options.store)
    this.receipts = new ReceiptWatch(options.queue, `${options.prefix}.receipts`)
    this.#keys = pinnedOf(options.key)
    this.#others = new OtherPartitions(options.queue, `${options.prefix}.bans`, this.#keys)
    this.#allow = new AllowList(options.allow)
  }

  start(): void {
    this.#since = this.#options.now()
    this.#timers = [
      setInterval(() => void this.#alone('state', () => this.#readState()), STATE_MS),
      setInterval(() => void this.look(), LOOK_MS),
    ]
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  /** Compares what is wished with what is published and confirmed, and mends it; done each second anyway. */
  look(): Promise<void> {
    return this.#alone('look', () => this.#look())
  }

  /** One of its kind at a time; a failure is tried again with the next. */
  async #alone(name: string, work: () => Promise<void>): Promise<void> {
    if (this.#busy.has(name)) return
    this.#busy.add(name)
    try {
      await work()
      this.#options.events.lookWent()
    } catch (error) {
      this.#options.events.lookFailed(error as Error)
    } finally {
      this.#busy.delete(name)
    }
  }

  get mode(): BanMode {
    if (this.#options.key === undefined) return 'no-key'
    return this.#settings.enabled ? 'enabled' : 'dry-run'
  }

  get settings(): BanSettings {
    return this.#settings
  }

  get confirmations(): Confirmations {
    return this.receipts.confirmations
  }

  authorityOf(partition: number): BanAuthority | undefined {
    return this.#authorities.get(partition)
  }

  get allow(): AllowList {
    return this.#allow
  }

  async own(seat: Seat): Promise<void> {
    const { key, queue, prefix, producer, now, events } = this.#options
    if (key === undefined) return
    const topic = `${prefix}.bans`
    const watch = new TopicWatch(queue, topic, seat.partition, this.#keys)
    const lengths = (): BanLengths => this.#options.policy.lengths
    const authority = new BanAuthority({
      ...{ seat, topic, watch, producer, key, lengths, now },
      listener: events,
    })
    await authority.load()
    await this.readSettings()
    this.#authorities.set(seat.partition, authority)
  }

  disown(partition: number): void {
    this.#authorities.delete(partition)
  }

  /** What is known here of a subject; its home is where its alerts are read. */
  historyOf(subject: string): {
    readonly past: readonly PastBan[]
    readonly bannedUntil: number | undefined
  } {
    const now = this.#options.now()
    const record = this.#home(subject)?.book.get(subject)
    if (record === undefined) return { past: [], bannedUntil: undefined }
    return { past: settled(record, now).past, bannedUntil: bannedUntil(record, now) }
  }

  async place(request: BanRequest): Promise<Outcome> {
    const authority = this.#home(request.subject)
    if (authority === undefined) return this.#handOver({ kind: 'place', at: this.#options.now(), request })
    const placed = await authority.place(request, () => this.#placing())
    if (!placed.ok) this.#options.events.refused(request, placed.reason)
    else if (placed.isNew) await this.#widen(request)
    return placed
  }

  async lift(
    subject: string,
  ): Promise<{ readonly record: BanRecord | undefined; readonly isHandedOver: boolean }> {
    const authority = this.#home(subject)
    if (authority !== undefined) return { record: await authority.lift(subject), isHandedOver: false }
    await this.#handOver({ kind: 'lift', at: this.#options.now(), id: randomUUID(), subject })
    return { record: undefined, isHandedOver: true }
  }

  async #handOver(order: Order): Promise<Outcome> {
    if (this.#options.key === undefined)
      throw new Error('there is no key to sign bans with: "picket keys make"')
    await this.state.orders.update((orders) =>
      orders.some((other) => orderId(other) === orderId(order)) ? orders : [...orders, order],
    )
    return { ok: true, isHandedOver: true }
  }

  /** Takes over what others decided, and does what is ours of what they were asked. */
  async #readState(): Promise<void> {
    await this.readSettings()
    const orders = await this.state.orders.read()
    if (orders.length === 0) return
    const done = new Set<string>()
    for (const order of orders) if (await this.#isDone(order)) done.add(orderId(order))
    if (done.size > 0)
      await this.state.orders.update((all) => all.filter((order) => !done.has(orderId(order))))
  }

  /** Ours and done by now, or too old for anybody. */
  async #isDone(order: Order): Promise<boolean> {
    if (this.#options.now() - order.at > ORDER_LIFE_MS) return true
    if (this.#home(orderSubject(order)) === undefined) return false
    await (order.kind === 'place' ? this.place(order.request) : this.lift(order.subject))
    return true
  }

  /** An allowlist that has changed lifts at once what it covers. */
  async readSettings(): Promise<void> {
    if (this.useSettings(await this.state.settings.read())) await this.liftCovered()
  }

  /** Whether they are others than before. */
  useSettings(settings: BanSettings): boolean {
    const hasChanged = JSON.stringify(settings) !== JSON.stringify(this.#settings)
    this.#settings = settings
    this.#allow = new AllowList([...this.#options.allow, ...settings.allow]).at(this.#options.now())
    return hasChanged
  }

  /** Of a new configuration. */
  use(part: BanDeskSettings): void {
    this.#options = { ...this.#options, ...part }
    this.useSettings(this.#settings)
  }

  async liftCovered(): Promise<readonly BanRecord[]> {
    const all = [...this.#authorities.values()]
    return (await Promise.all(all.map((authority) => authority.liftCovered(this.#allow)))).flat()
  }

  async #look(): Promise<void> {
    const { key, events, confirmMs, now } = this.#options
    if (key === undefined || this.#authorities.size === 0) return
    for (const authority of [...this.#authorities.values()]) await authority.look()
    await this.liftCovered()
    await this.receipts.catchUp()
    events.unconfirmed(
      unconfirmed(this.records, this.receipts.confirmations, { now: now(), confirmMs, since: this.#since }),
    )
  }

  get records(): readonly BanRecord[] {
    return [...this.#authorities.values()].flatMap(({ book }) => book.records)
  }

  get inForce(): number {
    const now = this.#options.now()
    return this.records.filter((record) => inForce(record, now).length > 0).length
  }

  /** Of the whole fleet: what other responders sign for is read off the topic. */
  async allRecords(): Promise<readonly BanRecord[]> {
    const all = Array.from({ length: this.#options.partitions() }, (_, partition) => partition)
    const others = all.filter((partition) => !this.#authorities.has(partition))
    return [...this.records, ...(await this.#others.records(others))]
  }

  async list(): Promise<ListedBan[]> {
    return listBans(await this.allRecords(), this.receipts.confirmations, this.#options.now())
  }

  get hosts(): readonly string[] {
    return this.receipts.confirmations.hosts(this.#options.now())
  }

  #home(subject: string): BanAuthority | undefined {
    const partition = homeOf(subject, this.#options.partitions())
    return partition === undefined ? undefined : this.#authorities.get(partition)
  }

  /** Of the caps we have the share of our partitions. */
  #placing(): Placing {
    const { policy, partitions, now } = this.#options
    const { caps, lengths } = policy
    const share = this.#authorities.size / partitions()
    const at = now()
    const usages = [...this.#authorities.values()].map(({ book }) => book.usage(at))
    return {
      now: at,
      allow: this.#allow,
      caps: { ...caps, perMinute: Math.ceil(caps.perMinute * share), total: Math.ceil(caps.total * share) },
      usage: {
        inForce: usages.reduce((sum, usage) => sum + usage.inForce, 0),
        lastMinute: usages.reduce((sum, usage) => sum + usage.lastMinute, 0),
      },
      mostSeconds: lengths.capSeconds,
    }
  }

  async #widen({ by }: BanRequest): Promise<void> {
    if (by !== 'rule') return
    const now = this.#options.now()
    for (const { subject, sources, until } of wideBans(this.records, this.#options.policy.widening, now)) {
      const seconds = Math.max(1, Math.round((until - now) / 1000))
      const why = `widened: ${sources} banned sources of this network`
      await this.place({ id: `wide ${until}`, subject, seconds, hosts: [], why, by: 'widening' })
    }
  }
}
