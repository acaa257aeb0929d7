/**
 * One incident as text: who, how bad, what was touched, and why we think so.
 *
 * The reasons are the detector's own words; nothing is concluded here. All text that can come from
 * a log passes `safeText`.
 */

import { safeText } from '@picket/schemas'
import { clip, wrap } from '../terminal/layout.ts'
import type { Paint, Palette } from '../terminal/palette.ts'
import { plural, span, spoken, thousands } from '../terminal/words.ts'
import type { IncidentDocument } from './document.ts'
import { type Page, periodOf } from './page.ts'

const INDENT = ' '.repeat(9)
const LABEL = 8
/** Lines that a list of hosts or ports may take before it is cut. */
const LIST_LINES = 3

export function levelPaint(palette: Palette, level: number): Paint {
  if (level >= 4) return palette.red
  if (level === 3) return palette.yellow
  return level >= 1 ? palette.cyan : palette.dim
}

export function renderIncident(incident: IncidentDocument, page: Page): string[] {
  const rows: [string, readonly string[]][] = [
    ['from', from(incident, page)],
    ['when', [`${periodOf(page, incident.firstSeen, incident.lastSeen)}${lasted(incident)}`]],
    ['sent', [counts(incident)]],
    ['hosts', listed(incident.hosts, incident.hostCount, page)],
    ...portRows(incident, page),
    ['how', [how(incident)]],
    ['logged', listed(incident.reporters, incident.reporters.length, page)],
    ['part of', incident.partOf === undefined ? [] : [`incident ${safeText(incident.partOf)}`]],
    ['why', incident.reasons.flatMap((reason) => wrap(safeText(reason).split(' '), room(page)))],
  ]
  return [...heading(incident, page), ...rows.flatMap(([label, lines]) => row(label, lines, page))]
}

function heading(incident: IncidentDocument, page: Page): string[] {
  const { palette } = page
  const paint = levelPaint(palette, incident.level)
  const who = whoOf(incident)
  const meter = '■'.repeat(incident.level).padEnd(5, '·')
  const score = `score ${incident.score}`
  const before = `${meter} ${incident.level}  ${who}  `
  const [kinds = '', ...more] = wrap(
    incident.kinds.map((kind) => spoken(safeText(kind))),
    page.columns - before.length - score.length - 2,
    ', ',
  )
  const room = page.columns - before.length - score.length
  return [
    `${paint(meter)} ${palette.bold(paint(String(incident.level)))}  ${palette.bold(who)}  ${paint(kinds)}${' '.repeat(Math.max(room - kinds.length, 2))}${palette.dim(score)}`,
    ...more.map((line) => `${' '.repeat(before.length)}${paint(line)}`),
  ]
}

/** One source, or the network of many and what they have in common. */
function whoOf({ source, prefix, target }: IncidentDocument): string {
  return safeText(source ?? (target === null ? prefix : `${prefix} → ${target}`))
}

/** Who takes part, where it is many. */
function from({ members }: IncidentDocument, page: Page): string[] {
  return listed(members, members.length, page)
}

/** `1,994 packets, 997 contacts` */
function counts(incident: IncidentDocument): string {
  const { packets, contacts, source, members } = incident
  if (source === null) return [plural(contacts, 'new contact'), plural(members.length, 'source')].join(', ')
  return [plural(packets, 'packet'), plural(contacts, 'new contact')].join(', ')
}

function row(label: string, lines: readonly string[], page: Page): string[] {
  const shown = lines.filter((line) => line !== '')
  return shown.map((line, at) => {
    const head = at === 0 ? label.padEnd(LABEL) : ' '.repeat(LABEL)
    return `${INDENT}${page.palette.dim(head)}${line}`
  })
}

function room(page: Page): number {
  return page.columns - INDENT.length - LABEL
}

function lasted(incident: IncidentDocument): string {
  const milliseconds = Date.parse(incident.lastSeen) - Date.parse(incident.firstSeen)
  return milliseconds <= 0 ? '' : ` (${span(milliseconds)})`
}

/** A list in a few lines, and how many there are in all when that does not fit or is not known. */
function listed(names: readonly string[], count: number, page: Page): string[] {
  const words = names.map((name) => safeText(name)).filter((name) => name !== '')
  const lines = wrap(words, room(page), ', ')
  const isCut = lines.length > LIST_LINES || count > names.length
  const shown = lines.slice(0, LIST_LINES)
  if (isCut) shown.push(`… ${thousands(count)} in all`)
  return shown
}

function portRows(incident: IncidentDocument, page: Page): [string, readonly string[]][] {
  const protocols = Object.entries(incident.ports)
  const rows = protocols.map(([protocol, ranges], at): [string, readonly string[]] => {
    return [at === 0 ? 'ports' : '', portLines(safeText(protocol), ranges, page)]
  })
  if (incident.portCount > 1 && rows.length > 0) rows.push(['', [`${thousands(incident.portCount)} in all`]])
  return rows
}

/** `tcp 22,80,1000-1500` in a few lines, the protocol named once. */
function portLines(protocol: string, ranges: string, page: Page): string[] {
  const width = room(page) - protocol.length - 1
  const lines = wrap(safeText(ranges).split(','), width, ',')
  const shown = lines.slice(0, LIST_LINES)
  if (lines.length > LIST_LINES) shown[LIST_LINES - 1] = clip(`${shown[LIST_LINES - 1]}…`, width)
  return shown.map((line, at) => `${at === 0 ? protocol : ' '.repeat(protocol.length)} ${line}`)
}

function how(incident: IncidentDocument): string {
  const parts = [
    incident.techniques.map((name) => safeText(name)).join(', '),
    incident.attack.map((id) => safeText(id)).join(', '),
  ]
  if (incident.tool !== null) parts.push(`tool ${safeText(incident.tool)}`)
  if (incident.os !== null) parts.push(`system ${safeText(incident.os)}`)
  if (!incident.bannable) parts.push(`the source${incident.source === null ? 's' : ''} may be forged`)
  return parts.filter((part) => part !== '').join(' · ')
}
