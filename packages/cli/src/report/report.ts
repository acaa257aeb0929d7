/**
 * The report: what a person wants to know of a log, the worst first.
 *
 * Rendered from the document alone, so that `analyze`, `status` and `demo` look the same and what is
 * shown can be checked against `--json`.
 */

import { safeText } from '@picket/schemas'
import { clip } from '../terminal/layout.ts'
import { sparkline, squeeze } from '../terminal/sparkline.ts'
import { plural, span, thousands } from '../terminal/words.ts'
import type { ReportDocument } from './document.ts'
import { renderIncident } from './incident.ts'
import { renderLists } from './lists.ts'
import { renderNoFirewallLines } from './nothing-found.ts'
import { type Page, periodOf, timeOf } from './page.ts'
import { renderTotals } from './totals.ts'

export function renderReport(document: ReportDocument, page: Page): string {
  return joinSections([headline(document, page), ...bodySections(document, page)])
}

/** Everything but the headline, which says where the packets come from. */
export function bodySections(document: ReportDocument, page: Page): string[][] {
  return foundSections(document, page, renderNoFirewallLines(document))
}

/** The same; `nothing` is what to say where there is no packet at all. */
export function foundSections(document: ReportDocument, page: Page, nothing: string[]): string[][] {
  const isEmpty = document.packets + document.leftOut + document.ignored === 0
  return [
    isEmpty ? nothing : overTime(document, page),
    incidents(document, page),
    renderLists(document, page),
    renderTotals(document, page),
  ]
}

export function joinSections(sections: readonly (readonly string[])[]): string {
  const shown = sections.filter((section) => section.length > 0)
  return `${shown.map((section) => section.join('\n')).join('\n\n')}\n`
}

function headline(document: ReportDocument, page: Page): string[] {
  const names = document.files.map(({ name }) => (name === '-' ? 'standard input' : safeText(name)))
  const counts = [
    plural(document.lines, 'line'),
    plural(document.packets, 'packet'),
    plural(document.sources, 'source'),
  ]
  const title = clip(names.join(', '), page.columns - 9)
  return [`${page.palette.bold('Picket')} · ${title}`, counts.join(' · '), ...period(document, page)]
}

function period({ from, to }: ReportDocument, page: Page): string[] {
  if (from === null || to === null) return []
  const lasted = Date.parse(to) - Date.parse(from)
  const zone = page.zone.name === '' ? '' : ` ${safeText(page.zone.name)}`
  return [`${periodOf(page, from, to)}${zone}${lasted > 0 ? ` (${span(lasted)})` : ''}`]
}

/** One column is one step of the timeline or several; a blank column saw no packet. */
export function overTime({ timeline }: ReportDocument, page: Page): string[] {
  if (timeline === null || timeline.packets.length < 2) return []
  const columns = squeeze(timeline.packets, page.columns - 4)
  const each = Math.ceil(timeline.packets.length / (page.columns - 4))
  const step = timeline.stepSeconds * each * 1000
  const peak = columns.reduce((most, count) => Math.max(most, count), 0)
  const from = timeOf(page, timeline.from).slice(11)
  const legend = `from ${from}, a column is ${span(step)}, the highest ${plural(peak, 'packet')}`
  return [`  ${page.palette.cyan(sparkline(columns))}`, `  ${page.palette.dim(legend)}`]
}

function incidents(document: ReportDocument, page: Page): string[] {
  const { palette } = page
  const found = document.incidents
  if (found.length === 0 && document.packets === 0) return []
  if (found.length === 0) return [palette.green('No source deserves an alert.')]
  const title = `${plural(found.length, 'incident')}${found.length > 1 ? ', the worst first' : ''}`
  const shown = found.slice(0, page.top)
  const lines = [palette.bold(title), ...shown.flatMap((incident) => ['', ...renderIncident(incident, page)])]
  const more = found.length - shown.length
  if (more > 0)
    lines.push('', palette.dim(`… ${thousands(more)} more: --top ${found.length} or --json shows all`))
  return lines
}
