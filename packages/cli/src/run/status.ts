/**
 * Status: what the running guard answers `picket status`.
 *
 * The document of `analyze --json`, so that one renderer and one script serve both, and `run` beside it:
 * what only a running process can say of itself.
 */
import type { LogSource } from '@picket/collector/main'
import type { Incident } from '@picket/schemas'
import { incidentDocument, isoTime, isoTimeOrNull, type ReportDocument } from '../report/document.ts'
import { VERSION } from '../version.ts'
import type { Intake } from './intake.ts'

export interface SourceState {
  readonly name: string
  readonly state: string
  readonly detail: string
  /** What is there and not yet read. */
  readonly behindBytes: number
  /** Kernel records that were overwritten before they were read. */
  readonly missed: number
  readonly position: Readonly<Record<string, string | number>> | null
}

/** Of what is done about alerts. */
export interface ResponseStatus {
  /** `dry-run` or `enabled`. */
  readonly bans: string
  readonly inForce: number
  /** Something carries bans out on this host. */
  readonly enforcing: boolean
}

export interface RunDocument {
  readonly version: string
  readonly pid: number
  readonly started: string
  readonly uptimeSeconds: number
  readonly sources: readonly SourceState[]
  /** Sources remembered, and forgotten for lack of room. */
  readonly tracked: number
  readonly evicted: Readonly<Record<string, number>>
  readonly alertsWaiting: number
  /** Null: alerts are only printed. */
  readonly response: ResponseStatus | null
  readonly healthy: boolean
  readonly reasons: readonly string[]
}

export type StatusDocument = ReportDocument & { readonly run: RunDocument }

export interface StatusInput {
  readonly intake: Intake
  readonly sources: readonly LogSource[]
  readonly missed: Readonly<Record<string, number>>
  readonly startedAt: number
  readonly now: number
  readonly alertsWaiting: number
  readonly response: ResponseStatus | null
  readonly reasons: readonly string[]
}

const TOP = 100

export function statusDocument(input: StatusInput, isAsked: (incident: Incident) => boolean): StatusDocument {
  const { intake } = input
  const { counts, totals, detector } = intake
  const incidents = intake.incidents().filter(isAsked)
  const busiest = [...incidents].sort((a, b) => b.packets - a.packets).slice(0, TOP)
  return {
    lines: counts.lines,
    packets: totals.packets,
    unparsed: Object.values(counts.unparsed).reduce((sum, count) => sum + count, 0),
    ignored: detector.counts.observed.ignored,
    from: isoTimeOrNull(totals.from),
    to: isoTimeOrNull(totals.to),
    incidents: incidents.map(incidentDocument),
    observed: met(detector.counts.observed),
    top: {
      sources: busiest.map(({ source, prefix, packets, level }) => ({
        source: source ?? prefix,
        packets,
        level,
      })),
      ports: totals.topPorts(TOP),
      signatures: [],
      prefixes: totals.topPrefixes(TOP),
    },
    protocols: totals.protocols(),
    policy: intake.policy,
    unparsedReasons: met(counts.unparsed),
    repeats: counts.repeats,
    leftOut: 0,
    sources: detector.tracked,
    reporters: [],
    files: [],
    timeline: null,
    run: runDocument(input),
  }
}

function runDocument({
  intake,
  sources,
  missed,
  startedAt,
  now,
  alertsWaiting,
  response,
  reasons,
}: StatusInput): RunDocument {
  return {
    version: VERSION,
    pid: process.pid,
    started: isoTime(startedAt),
    uptimeSeconds: Math.round((now - startedAt) / 1000),
    sources: sources.map((source) => ({
      name: source.name,
      ...source.status(),
      missed: missed[source.name] ?? 0,
      position: intake.positions.get(source.name) ?? null,
    })),
    tracked: intake.detector.tracked,
    evicted: evictedByTier(intake.detector.counts.evicted),
    ...{ alertsWaiting, response },
    healthy: reasons.length === 0,
    reasons,
  }
}

export function evictedByTier(evicted: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(Array.from(evicted, (count, tier) => [String(tier), count]))
}

function met(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}
