/**
 * The report as data: what `--json` prints and what the text is rendered from.
 *
 * Names and meaning are those of DESIGN section 7 and are a promise to scripts: fields may be added,
 * never renamed. Times are ISO 8601 in UTC here; only the text knows the reader's zone.
 */
import type { Incident } from '@picket/schemas'

export interface IncidentDocument extends Omit<Incident, 'firstSeen' | 'lastSeen'> {
  readonly firstSeen: string
  readonly lastSeen: string
  /** Id of the incident of many sources that this one of a member is a small part of. */
  readonly partOf?: string
}

export interface FileDocument {
  readonly name: string
  readonly lines: number
  readonly packets: number
  /** Why the file was not read to its end, where that is so. */
  readonly fault?: string
}

export interface TimelineDocument {
  readonly from: string
  readonly stepSeconds: number
  readonly packets: readonly number[]
}

export interface ReportDocument {
  readonly lines: number
  /** Packets that were judged: repeats of one packet and what a filter left out are not among them. */
  readonly packets: number
  readonly unparsed: number
  /** Packets that the ignore rules, the allowlist or an assignment to level 0 took out. */
  readonly ignored: number
  readonly from: string | null
  readonly to: string | null
  readonly incidents: readonly IncidentDocument[]
  readonly observed: Readonly<Record<string, number>>
  readonly top: {
    readonly sources: readonly { readonly source: string; readonly packets: number; readonly level: number }[]
    readonly ports: readonly { readonly port: string; readonly packets: number }[]
    readonly signatures: readonly { readonly id: string; readonly name: string; readonly count: number }[]
    readonly prefixes: readonly { readonly prefix: string; readonly packets: number }[]
  }
  readonly protocols: Readonly<Record<string, number>>
  readonly policy: string
  readonly unparsedReasons: Readonly<Record<string, number>>
  /** Lines that told of a packet once more. */
  readonly repeats: number
  /** Packets that --from, --to or --source left out. */
  readonly leftOut: number
  readonly sources: number
  readonly reporters: readonly { readonly reporter: string; readonly packets: number }[]
  readonly files: readonly FileDocument[]
  readonly timeline: TimelineDocument | null
}

export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

export function isoTimeOrNull(milliseconds: number): string | null {
  return Number.isFinite(milliseconds) ? isoTime(milliseconds) : null
}

export function incidentDocument(incident: Incident): IncidentDocument {
  return { ...incident, firstSeen: isoTime(incident.firstSeen), lastSeen: isoTime(incident.lastSeen) }
}
