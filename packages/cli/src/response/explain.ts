/**
 * Explain over the control socket: what was decided about a source, and why, as the responder has kept it.
 */
import { bannedUntil, subjectOfSource } from '@picket/responder'
import type { FleetView, RunningResponse } from '@picket/responder/main'
import { isoTime } from '../report/document.ts'
import { incidentsOf } from '../run/incidents-of.ts'

export interface SourceExplained {
  readonly source: string
  readonly mode: string
  readonly incidents: readonly ExplainedIncident[]
  /** Of the bans that this responder keeps. */
  readonly ban: { readonly until: string; readonly why: readonly string[] } | null
  readonly bansBefore: number
  readonly allowedBy: string | null
}

export interface ExplainedIncident {
  readonly id: string
  readonly level: number
  readonly kinds: readonly string[]
  readonly firstSeen: string
  readonly lastSeen: string
  readonly reasons: readonly string[]
  readonly decisions: readonly {
    readonly at: string
    readonly level: number
    readonly told: readonly string[]
    readonly reasons: readonly { readonly code: string; readonly text: string }[]
  }[]
}

export type ExplainedView = Pick<FleetView, 'now' | 'incidents'>

export async function explainSource(
  { response: { bans } }: RunningResponse,
  view: ExplainedView,
  source: string,
): Promise<Readonly<Record<string, unknown>>> {
  const isAsked = incidentsOf(source)
  const subject = subjectOfSource(source) ?? source
  const record = (await bans.allRecords()).find((held) => held.subject === subject)
  const until = bannedUntil(record, view.now)
  const explained: SourceExplained = {
    source: subject,
    mode: bans.mode,
    incidents: view.incidents
      .filter(({ incident }) => isAsked(incident as Parameters<typeof isAsked>[0]))
      .map(({ incident, decisions }) => ({
        ...{ id: incident.id, level: incident.level, kinds: incident.kinds, reasons: incident.reasons },
        firstSeen: isoTime(incident.firstSeen),
        lastSeen: isoTime(incident.lastSeen),
        decisions: decisions.map(({ at, level, tell, reasons }) => ({
          at: isoTime(at),
          level,
          told: tell,
          reasons,
        })),
      })),
    ban:
      until === undefined ? null : { until: isoTime(until), why: record?.wishes.map(({ why }) => why) ?? [] },
    bansBefore: bans.historyOf(subject).past.length,
    allowedBy: bans.allow.entryFor(subject, view.now)?.network ?? null,
  }
  return { ...explained }
}
