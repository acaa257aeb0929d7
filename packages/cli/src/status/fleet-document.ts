/**
 * The status of a fleet as data: the document of one host's report, and `fleet` beside it.
 *
 * Names are a promise to scripts, as in the report. A fleet knows no lines, only packets, so `lines` counts those; what the
 * collectors could not read they say in their own numbers.
 */
import { worstFirst } from '@picket/detector'
import { blindHosts, versionsOf } from '@picket/responder'
import type { FleetIncident, FleetView } from '@picket/responder/main'
import type { Incident } from '@picket/schemas'
import { incidentDocument, isoTime, type ReportDocument } from '../report/document.ts'
import { incidentsOf } from '../run/incidents-of.ts'
import { type HostDocument, hostsOf, type ProcessDocument, processesOf } from './fleet-hosts.ts'

export interface LagDocument {
  readonly records: number
  /** Age of the last record that was read, while there are more; null when nothing was ever read. */
  readonly seconds: number | null
}

export interface FleetDocument {
  readonly responder: {
    readonly version: string
    readonly instance: string
    readonly started: string
    readonly uptimeSeconds: number
    readonly healthy: boolean
    readonly reasons: readonly string[]
    readonly alertsWaiting: number
  }
  readonly hosts: readonly HostDocument[]
  readonly blind: readonly {
    readonly reporter: string
    readonly services: readonly string[]
    readonly lastHeard: string
    readonly silentSeconds: number
  }[]
  readonly detectors: readonly ProcessDocument[]
  readonly responders: readonly ProcessDocument[]
  /** By topic, without its prefix. */
  readonly lag: Readonly<Record<string, LagDocument>>
  /** Processes by the version that they run. */
  readonly versions: Readonly<Record<string, number>>
  readonly batches: number
  /** Batches that were numbered and never came, and those that came again. */
  readonly missing: number
  readonly repeated: number
  /** Packets behind the lateness that is waited for, and those whose clock ran ahead. */
  readonly late: number
  readonly ahead: number
}

export type FleetStatusDocument = ReportDocument & { readonly fleet: FleetDocument }

const TOP = 100

/** `source` is what the question is about; undefined is everything. */
export function fleetDocument(view: FleetView, policy: string, source?: unknown): FleetStatusDocument {
  const { totals } = view
  const isAsked = incidentsOf(source)
  const incidents = view.incidents.filter(({ incident }) => isAsked(incident as Incident)).sort(inOrder)
  const sources = Object.entries(totals.sources)
  return {
    lines: totals.packets,
    packets: totals.packets,
    unparsed: 0,
    ignored: totals.observed['ignored'] ?? 0,
    from: totals.packets > 0 ? isoTime(totals.from) : null,
    to: totals.packets > 0 ? isoTime(totals.to) : null,
    incidents: incidents.map(({ incident, partOf }) => ({
      ...incidentDocument(incident as Incident),
      ...(partOf === undefined ? {} : { partOf }),
    })),
    observed: { ...totals.observed },
    top: {
      sources: busiestSources(view),
      ports: ranked(totals.ports).map(([port, packets]) => ({ port, packets })),
      signatures: [],
      prefixes: ranked(totals.prefixes).map(([prefix, packets]) => ({ prefix, packets })),
    },
    protocols: Object.fromEntries(ranked(totals.protocols)),
    policy,
    unparsedReasons: {},
    repeats: 0,
    leftOut: 0,
    sources: sources.length,
    reporters: ranked(totals.reporters).map(([reporter, packets]) => ({ reporter, packets })),
    files: [],
    timeline: null,
    fleet: fleetOf(view),
  }
}

function inOrder(a: FleetIncident, b: FleetIncident): number {
  return worstFirst(a.incident as Incident, b.incident as Incident)
}

function busiestSources({ totals, incidents }: FleetView): ReportDocument['top']['sources'] {
  const levels = new Map<string, number>()
  for (const { incident } of incidents) {
    const { source, level } = incident
    if (source !== null) levels.set(source, Math.max(level, levels.get(source) ?? 0))
  }
  return ranked(totals.sources).map(([source, packets]) => ({
    source,
    packets,
    level: levels.get(source) ?? 0,
  }))
}

function ranked(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts)
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .slice(0, TOP)
}

function fleetOf(view: FleetView): FleetDocument {
  const { now, processes, totals, listeningSince } = view
  const { batches, missing, repeated, late, ahead } = totals
  return {
    responder: responderOf(view),
    hosts: hostsOf(view),
    blind: blindHosts(processes, now, listeningSince).map(({ reporter, services, lastHeard }) => ({
      reporter,
      services,
      lastHeard: isoTime(lastHeard),
      silentSeconds: seconds(now - lastHeard),
    })),
    detectors: processesOf(view, 'detector'),
    responders: processesOf(view, 'responder'),
    lag: Object.fromEntries(
      view.backlogs.map(({ topic, records, since }) => [
        topic,
        { records, seconds: lagSeconds(now, records, since) },
      ]),
    ),
    versions: { ...versionsOf(processes) },
    ...{ batches, missing, repeated, late, ahead },
  }
}

function responderOf(view: FleetView): FleetDocument['responder'] {
  const { now, started, health, instance, version, alertsWaiting } = view
  return {
    version,
    instance,
    started: isoTime(started),
    uptimeSeconds: seconds(now - started),
    healthy: health.ok,
    reasons: health.reasons,
    alertsWaiting,
  }
}

function lagSeconds(now: number, records: number, since: number | null): number | null {
  if (records === 0) return 0
  return since === null ? null : seconds(now - since)
}

function seconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds / 1000))
}
