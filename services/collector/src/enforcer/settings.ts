/** What an enforcer is told: the configuration after it was checked. */
import type { FirewallSettings } from '../adapters/enforcement/choose.ts'
import type { NeverEntry } from '../enforce/never-ban.ts'

export interface EnforcerSettings {
  /** The name of this machine in the fleet, as its collector uses it. */
  readonly reporter: string
  readonly site: string
  readonly instance: string
  readonly version: string
  readonly topics: { readonly bans: string; readonly receipts: string; readonly group: string }
  /** A folder of its own. */
  readonly state: string
  /** Nothing is kept there: who signs is this very process, and tells all again at each start. */
  readonly forgets?: boolean
  readonly firewall: FirewallSettings
  readonly caps: {
    readonly total: number
    readonly perMinute: number
    readonly widestV4: number
    readonly widestV6: number
  }
  readonly allow: readonly NeverEntry[]
  /** `host:port` of what must stay reachable: brokers first of all. */
  readonly peers: readonly string[]
  readonly adminPorts: readonly number[]
  readonly heartbeatSeconds: number
  /** Without a broker for so long, the bans that this host has had are put back. Default 10 s. */
  readonly offlineAfterMs?: number
}

/** The folder of the ledger; undefined for none. */
export function ledgerOf({ state, forgets }: EnforcerSettings): string | undefined {
  return forgets === true ? undefined : state
}

/** While it is in the state folder nothing is banned: what `picket enforcer --lift-all` leaves. */
export const HOLD_FILE = 'hold'
