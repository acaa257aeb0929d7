/**
 * What `picket run` is told: the configuration after it was checked.
 *
 * Everything is resolved here (policy, rules, defaults): the run loop reads no file and knows
 * no default. The configuration schema in `../config` is what makes one of these.
 */
import type { ParseOptions } from '@picket/collector'
import type { EnforcerSettings } from '@picket/collector/enforcer'
import type { SourceSettings } from '@picket/collector/main'
import type { Method, Rules } from '@picket/detector'
import type { EnrichSettings } from '@picket/responder'
import type { ResponderSettings, ResponseSettings } from '@picket/responder/main'
import type { ChannelConfig } from '../config/channels-schema.ts'

export interface RunSettings {
  /** At least one; names are unique. */
  readonly sources: readonly SourceSettings[]
  readonly policy: Method
  /** Allow, ignore, assignments and home net. */
  readonly rules: Rules
  /** What the words of a log prefix say; undefined is the default map. */
  readonly verdicts?: ParseOptions['verdicts'] | undefined
  readonly memory: {
    /** How many sources are remembered at most; beyond that the least telling are evicted. */
    readonly sources: number
  }
  /** Time zone of stamps that name none, as given to `--tz`; undefined is the machine's. */
  readonly zone?: string | undefined
  /** The state folder; made if absent, 0700. */
  readonly state: string
  /** Path of the control socket; default `<state>/control.sock`. */
  readonly control?: string | undefined
  readonly alerts: {
    readonly stdout: boolean
    readonly format: 'text' | 'json'
    /** Also to the local syslog or journal, by `logger`. */
    readonly syslog: boolean
    /** Also to a syslog server: UDP, RFC 5424. */
    readonly remote?: { readonly host: string; readonly port: number } | undefined
  }
  /** What is done about alerts beside printing them; undefined is nothing. */
  readonly response?: HostResponseSettings | undefined
  /** Undefined: no metrics server. */
  readonly metrics?: { readonly host: string; readonly port: number } | undefined
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error'
    /** `auto` is text on a terminal and JSON elsewhere. */
    readonly format: 'auto' | 'text' | 'json'
  }
}

export interface HostResponseSettings {
  /** The configuration speaks of it; else it begins when a command first asks for it. */
  readonly isAsked: boolean
  readonly response: ResponseSettings
  readonly incidents: ResponderSettings['incidents']
  readonly channels: Readonly<Record<string, ChannelConfig>>
  readonly enrichment: EnrichSettings
  readonly enforcer: Omit<EnforcerSettings, 'topics' | 'forgets'>
}

export const DEFAULT_METRICS = { host: '127.0.0.1', port: 9477 } as const
/** LSB's place for state; systemd's `StateDirectory=picket` is the same folder. */
export const DEFAULT_STATE = '/var/lib/picket'
export const DEFAULT_SOURCES_REMEMBERED = 100_000

export function controlPathOf(settings: Pick<RunSettings, 'state' | 'control'>): string {
  return settings.control ?? `${settings.state}/control.sock`
}
