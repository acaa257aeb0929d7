/**
 * Notice: what somebody is told, whatever the channel; all that a mail or a webhook says is in it.
 *
 * It is plain JSON, so that it can wait in a queue across a restart. Its `id` is the same whenever it is made from the same
 * alert: a notice that is sent twice carries the same id, hence the same Message-ID.
 */
import type { Alert, Incident, Kind } from '@picket/schemas'
import { type Enrichment, NOTHING_KNOWN } from './enrichment.ts'
import { type HostAnswers, isNowhere } from './host-answers.ts'

export const NOTICE_KINDS = ['incident', 'update', 'digest', 'resolve', 'operational', 'sample'] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

/** What was decided about the source, in words; the decision itself is made in decide/. */
export interface Measure {
  /** `would-ban` is the dry run; `refused` was wished, and no host does it. */
  readonly outcome: 'banned' | 'refused' | 'would-ban' | 'none'
  /** Address or prefix; null when there is none. */
  readonly subject: string | null
  readonly seconds: number
  /** Where; empty for every host. */
  readonly hosts: readonly string[]
  /** Sentences: why so, or why not. */
  readonly reasons: readonly string[]
  /** What the hosts have said of it by then; left out where none was asked. */
  readonly answers?: HostAnswers
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
  /** It says again what was told, since hosts have answered otherwise than was said. */
  readonly isAboutHosts?: true
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
  const id = kind === 'resolve' ? `${alert.id}.resolve` : alert.id
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

/** The measure, as far as hosts have carried it out. */
export function answered(measure: Measure, answers: HostAnswers): Measure {
  if (answers.hosts === 0) return measure
  return { ...measure, outcome: isNowhere(answers) ? 'refused' : 'banned', answers }
}

/** The one update about hosts that an alert can have: made twice, it is the same. */
export function hostsNotice(told: IncidentNotice, answers: HostAnswers, time: number): IncidentNotice {
  const id = `${told.alert.id}.hosts`
  const decision = answered(told.decision, answers)
  return { ...told, kind: 'update', id, time, messageId: `alert.${id}`, decision, isAboutHosts: true }
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
