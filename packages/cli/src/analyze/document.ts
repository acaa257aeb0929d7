/**
 * From an analysis to the report's document.
 */
import type { Observation } from '@picket/detector'
import { type Address, type Incident, isV4, maskAddress, printAddress, printPrefix } from '@picket/schemas'
import { incidentDocument, isoTime, isoTimeOrNull, type ReportDocument } from '../report/document.ts'
import type { Analysis } from './analysis.ts'
import type { InputReader } from './reading.ts'

export function documentOf(analysis: Analysis, readers: readonly InputReader[], top: number): ReportDocument {
  const { detector, totals, judging } = analysis
  const incidents = analysis.incidents()
  const reasons = unparsedReasons(readers)
  return {
    lines: sum(readers.map(({ counts }) => counts.lines)),
    packets: totals.packets,
    unparsed: sum(Object.values(reasons)),
    ignored: detector.counts.observed.ignored,
    from: isoTimeOrNull(totals.from),
    to: isoTimeOrNull(totals.to),
    incidents: incidents.map(incidentDocument),
    observed: seenBy(detector.counts.observed),
    top: {
      sources: topSources(analysis, incidents, top),
      ports: totals.topPorts(top),
      signatures: [],
      prefixes: totals.prefixes
        .top()
        .slice(0, top)
        .map(({ name, packets }) => ({ prefix: name, packets })),
    },
    protocols: totals.protocols(),
    policy: judging.policy,
    unparsedReasons: reasons,
    repeats: sum(readers.map(({ counts }) => counts.repeats)),
    leftOut: analysis.leftOut,
    sources: totals.sources.size,
    reporters: totals.reporters.top().map(({ name, packets }) => ({ reporter: name, packets })),
    files: readers.map(fileOf),
    timeline: timelineOf(analysis),
  }
}

function fileOf({ input, counts }: InputReader): ReportDocument['files'][number] {
  const { lines, packets } = counts
  return { name: input.name, lines, packets, ...(input.fault === '' ? {} : { fault: input.fault }) }
}

function unparsedReasons(readers: readonly InputReader[]): Record<string, number> {
  const reasons: Record<string, number> = {}
  for (const { counts } of readers) {
    for (const [reason, count] of counts.unparsed) reasons[reason] = (reasons[reason] ?? 0) + count
  }
  return reasons
}

function topSources(
  analysis: Analysis,
  incidents: readonly Incident[],
  top: number,
): ReportDocument['top']['sources'] {
  const levels = new Map<string, number>()
  for (const { source, prefix, members, level } of incidents) {
    const prefixes = source === null ? members.map(memberPrefix) : [prefix]
    for (const text of prefixes) levels.set(text, Math.max(level, levels.get(text) ?? 0))
  }
  return analysis.totals.sources.top(top).map(({ address, source, packets }) => {
    return { source, packets, level: levels.get(prefixText(address)) ?? 0 }
  })
}

function memberPrefix(member: string): string {
  return member.includes('/') ? member : `${member}/32`
}

/** The prefix that an incident of this source has: the address itself, of IPv6 the /64 around it. */
function prefixText(address: Address): string {
  if (isV4(address)) return `${printAddress(address)}/32`
  return printPrefix({ address: maskAddress(address, 64), bits: 64 })
}

function timelineOf({ totals }: Analysis): ReportDocument['timeline'] {
  const counts = totals.timeline.counts()
  return counts === undefined ? null : { ...counts, from: isoTime(counts.from) }
}

/** What was seen of each class; the ignored have a field of their own. */
function seenBy(counts: Readonly<Record<Observation, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).filter(([observation, count]) => count > 0 && observation !== 'ignored'),
  )
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
