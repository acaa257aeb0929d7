/**
 * Renewals: bans whose source goes on after their end, placed again.
 *
 * The detector alerts when a judgement rises, and one that stands does not rise: without this a source that waits for the end of its ban
 * would scan on. It is asked of the rules anew, as the incident now stands, so an allowlist or another rule has its say.
 */
import type { PartitionStore, StoreKey } from '@picket/runtime'
import type { Alert } from '@picket/schemas'
import { type AlertMessage, alertOf } from '@picket/schemas/messages'
import { type Decision, type DecisionCode, type EndedBan, endedBans, GoingOn } from '../../index.ts'
import { loadAll, loadViews } from '../incident-views.ts'
import { partitionName } from '../seat.ts'
import { decodeIncident, incidentKey } from '../stored-values.ts'
import type { TopicSizes } from '../topic-sizes.ts'
import type { BanDesk, Outcome } from './ban-desk.ts'
import { homeOf } from './other-partitions.ts'

export interface RenewalsOptions {
  readonly bans: Pick<BanDesk, 'mode' | 'records' | 'place'>
  readonly store: PartitionStore
  readonly sizes: Pick<TopicSizes, 'of'>
  /** Of the alerts. */
  readonly partitions: () => number
  readonly leastPackets: () => number
  /** What the rules say of an incident about which nobody is told anything new. */
  readonly decide: (alert: Alert) => Decision
  readonly now: () => number
}

/** Those that ended last; of a flood of sources the rest is banned with its next rise. */
const MOST_AT_ONCE = 1_000
/** Each look loads the incidents of all that ended. */
const LOOK_EVERY_MS = 5_000
/** A cap that is reached refuses the others too: each of them would be told and counted. */
const BRAKED_MS = 60_000
const CAPS: ReadonlySet<DecisionCode> = new Set(['cap-rate', 'cap-total'])

export class Renewals {
  readonly #options: RenewalsOptions
  readonly #goingOn: GoingOn
  #looking: Promise<void> | undefined
  #waitsSince = 0
  #waitMs = 0

  constructor(options: RenewalsOptions) {
    this.#options = options
    this.#goingOn = new GoingOn()
  }

  /** One look at a time; asked more often than is needed, it does nothing. */
  look(): Promise<void> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #lookNow(): Promise<void> {
    const { bans, now } = this.#options
    const at = now()
    if (bans.mode !== 'enabled' || this.#isWaiting(at)) return
    const newestFirst = endedBans(bans.records, at).sort((a, b) => b.until - a.until)
    const ended = newestFirst.slice(0, MOST_AT_ONCE)
    this.#goingOn.keep(ended)
    if (ended.length === 0) return
    this.#wait(at, LOOK_EVERY_MS)
    if (await this.#isBraked(ended)) this.#wait(now(), BRAKED_MS)
  }

  /** A clock that was set back does not make it wait for longer. */
  #isWaiting(at: number): boolean {
    return at >= this.#waitsSince && at - this.#waitsSince < this.#waitMs
  }

  #wait(since: number, ms: number): void {
    this.#waitsSince = since
    this.#waitMs = ms
  }

  /** Renews until a cap refuses one. */
  async #isBraked(ended: readonly EndedBan[]): Promise<boolean> {
    const standing = await this.#standing(ended)
    for (const one of ended) {
      const alert = standing.get(one.incident)
      if (alert === undefined || !this.#hasGoneOn(one, alert)) continue
      const placed = await this.#renew(one, alert)
      if (placed?.ok === false && CAPS.has(placed.reason.code)) return true
    }
    return false
  }

  #hasGoneOn(ended: EndedBan, { incident }: AlertMessage): boolean {
    return this.#goingOn.hasGoneOn(ended, incident, this.#options.leastPackets())
  }

  async #renew({ incident, until }: EndedBan, alert: AlertMessage): Promise<Outcome | undefined> {
    const { bans, decide } = this.#options
    const { ban } = decide(alertOf(alert))
    if (ban === undefined) return undefined
    const { subject, seconds, hosts } = ban
    const why = `went on after its ban; ${ban.why} (incident ${incident})`
    return bans.place({ id: `went on ${until}`, subject, seconds, hosts, why, by: 'rule', incident })
  }

  /** The incidents as they now stand, with the evidence of their last alerts. */
  async #standing(ended: readonly EndedBan[]): Promise<Map<string, AlertMessage>> {
    const { store, sizes } = this.#options
    const alerts = await this.#alerts(ended)
    const packets = await sizes.of('packets')
    const views = await loadViews(
      store,
      [...alerts.values()].map(({ incident }) => incident),
      packets,
    )
    return new Map(
      [...views].flatMap(([id, { incident }]) => {
        const alert = alerts.get(id)
        return alert === undefined ? [] : [[id, { ...alert, incident, time: incident.lastSeen }] as const]
      }),
    )
  }

  async #alerts(ended: readonly EndedBan[]): Promise<Map<string, AlertMessage>> {
    const alerts = new Map<string, AlertMessage>()
    for (const [partition, keys] of this.#keys(ended))
      for (const value of await loadAll(this.#options.store, partitionName('alerts', partition), keys)) {
        const stored = value === null ? undefined : decodeIncident(value)
        if (stored !== undefined) alerts.set(stored.alert.incident.id, stored.alert)
      }
    return alerts
  }

  #keys(ended: readonly EndedBan[]): Map<number, StoreKey[]> {
    const keys = new Map<number, StoreKey[]>()
    for (const { subject, incident } of ended) {
      const partition = homeOf(subject, this.#options.partitions()) ?? 0
      keys.set(partition, [...(keys.get(partition) ?? []), incidentKey(incident)])
    }
    return keys
  }
}
