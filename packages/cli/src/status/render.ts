/**
 * The status of a running guard as text: how it is, where it reads, and then the same report as ever.
 */

import { safeText } from '@picket/schemas'
import { type Page, periodOf, timeOf } from '../report/page.ts'
import { bodySections, joinSections } from '../report/report.ts'
import type { ResponseStatus, RunDocument, StatusDocument } from '../run/status.ts'
import { bytes, plural, span } from '../terminal/words.ts'

export function renderStatus(status: StatusDocument, page: Page): string {
  return joinSections([headline(status, page), ...bodySections(status, page)])
}

function headline(status: StatusDocument, page: Page): string[] {
  const { run, from, to } = status
  const { palette } = page
  const health = run.healthy ? palette.green('well') : palette.red('not well')
  const since = `since ${timeOf(page, run.started)} (${span(run.uptimeSeconds * 1000)})`
  const lines = [
    `${palette.bold('Picket')} ${safeText(run.version)} runs, ${health}: process ${run.pid}, ${since}`,
    `${plural(status.lines, 'line')} · ${plural(status.packets, 'packet')} · ${plural(run.tracked, 'source')} remembered${forgotten(run)}`,
  ]
  if (from !== null && to !== null) lines.push(periodOf(page, from, to))
  lines.push(...run.reasons.map((reason) => palette.red(`  ! ${safeText(reason)}`)))
  if (run.alertsWaiting > 0)
    lines.push(palette.yellow(`  ! ${plural(run.alertsWaiting, 'alert')} not yet told`))
  if (run.response !== null) lines.push(`  ${responseLine(run.response)}`)
  return [...lines, ...run.sources.map((source) => `  ${sourceLine(source)}`)]
}

function forgotten({ evicted }: RunDocument): string {
  const count = Object.values(evicted).reduce((sum, number) => sum + number, 0)
  return count === 0 ? '' : `, ${plural(count, 'source')} forgotten for lack of room`
}

function responseLine({ bans, inForce }: ResponseStatus): string {
  const mode = bans === 'enabled' ? 'bans are enabled' : 'bans are a dry run'
  return inForce === 0 ? mode : `${mode} · ${plural(inForce, 'ban')} in force`
}

function sourceLine({ name, state, detail, behindBytes, missed }: RunDocument['sources'][number]): string {
  const parts = [`${safeText(name)}: ${safeText(state)}`]
  if (detail !== '') parts.push(safeText(detail))
  if (behindBytes > 0) parts.push(`${bytes(behindBytes)} to read`)
  if (missed > 0) parts.push(`${plural(missed, 'record')} overwritten before they were read`)
  return parts.join(' · ')
}
