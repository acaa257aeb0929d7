/**
 * Notice: what somebody is told, whatever the channel; all that a mail or a webhook says is in it.
 *
 * It is plain JSON, so that it can wait in a queue across a restart. Its `id` is the same whenever it is made from the same
 * alert: a notice that is sent twice carries the same id, hence the same Message-ID.
 */
import type { Alert, Incident, Kind } from '@picket/schemas'
import { type Enrichment, NOTHING_KNOWN } from './enrichment.ts'

export const NOTICE_KINDS = ['incident', 'update', 'digest', 'resolve', 'operational', 'sample'] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

/** What was decided about the source, in words; the decision itself is made in decide/. */
export interface Measure {
  /** `would-ban` is the dry run. */
  readonly outcome: 'banned' | 'would-ban' | 'none'
  /** Address or prefix; null when there is none. */
  readonly subject: string | null
  readonly seconds: number
  /** Where; empty for every host. */
  readonly hosts: readonly string[]
  /** Sentences: why so, or why not. */
  readonly reasons: readonly string[]
}

export const NO_MEASURE: Measure = { outcome: 'none', subject: null, seconds: 0, hosts: [], reasons: [] }

interface Told {
  readonly id: string
  /** When it was made, ms since 1970 UTC. */
  readonly time: number
  /** The left part of the Message-ID, and that of the first mail of the story; the channel adds the domain. */
  readonly messageId: string
  readonly inReplyTo: string | null
  /** What is to be said about the telling itself, e.g. that the budget is used up. */
  readonly remarks: readonly string[]
}

export interface IncidentNotice extends Told {
  readonly kind: 'incident' | 'update' | 'resolve' | 'sample'
  readonly alert: Alert
  readonly decision: Measure
  readonly enrichment: Enrichment
  /** Where the console shows this incident. */
  readonly console: string | null
  /** The level that was told before; for updates. */
  readonly levelBefore: number | null
}

/** An incident as one line of a digest. */
export interface DigestEntry {
  readonly incident: string
  readonly who: string
  readonly level: number
  readonly kinds: readonly Kind[]
  readonly packets: number
  readonly hostCount: number
  readonly portCount: number
  readonly firstSeen: number
  readonly lastSeen: number
  readonly outcome: Measure['outcome']
}

export interface DigestNotice extends Told {
  readonly kind: 'digest'
  readonly since: number
  /** Worst first. */
  readonly entries: readonly DigestEntry[]
  /** Notices of incidents that did not fit the list, and the worst level among them. */
  readonly unlisted: { readonly notices: number; readonly level: number }
  /** Summaries of operational notices that were held back with the rest. */
  readonly operational: readonly string[]
}

/** Something about Picket itself that a person must know. */
export interface OperationalNotice extends Told {
  readonly kind: 'operational'
  readonly severity: 'page' | 'ticket'
  readonly summary: string
  readonly details: readonly string[]
}

export type Notice = IncidentNotice | DigestNotice | OperationalNotice

export interface NewIncidentNotice {
  readonly kind?: IncidentNotice['kind']
  readonly alert: Alert
  readonly time: number
  readonly decision?: Measure
  readonly enrichment?: Enrichment
  /** Base address of the console. */
  readonly console?: string | undefined
}

export function incidentNotice(made: NewIncidentNotice): IncidentNotice {
  const { kind = 'incident', alert, time, decision = NO_MEASURE, enrichment = NOTHING_KNOWN } = made
  const id = kind === 'resolve' ? `${alert.incident.id}.resolve` : alert.id
  return {
    kind,
    id,
    time,
    messageId: `alert.${id}`,
    inReplyTo: null,
    remarks: [],
    alert,
    decision,
    enrichment,
    console:
      made.console === undefined
        ? null
        : `${made.console.replace(/\/+$/, '')}/incidents/${encodeURIComponent(alert.incident.id)}`,
    levelBefore: null,
  }
}

export interface NewOperationalNotice {
  /** Names the matter; the same matter at the same time is the same notice. */
  readonly topic: string
  readonly time: number
  readonly severity: OperationalNotice['severity']
  readonly summary: string
  readonly details?: readonly string[]
}

export function operationalNotice(made: NewOperationalNotice): OperationalNotice {
  const { topic, time, severity, summary, details = [] } = made
  const id = `${topic.replace(/[^\w.-]/g, '-')}.${time.toString(36)}`
  return {
    kind: 'operational',
    id,
    time,
    messageId: `picket.${id}`,
    inReplyTo: null,
    remarks: [],
    severity,
    summary,
    details,
  }
}

/** Who did it, as one word: the source, else the target of many, else the prefix. */
export function whoOf({ source, target, prefix }: Incident): string {
  return source ?? target ?? prefix
}

/** Notices of one thread must leave in their order: an end must not overtake its beginning. */
export function threadOf(notice: Notice): string {
  return 'alert' in notice ? notice.alert.incident.id : notice.id
}
