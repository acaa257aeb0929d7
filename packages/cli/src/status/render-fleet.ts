/**
 * The status of a fleet as text: who is blind, what is behind, the hosts, and then the same report as ever.
 */
import { safeText } from '@picket/schemas'
import { type Page, periodOf, timeOf } from '../report/page.ts'
import { foundSections, joinSections } from '../report/report.ts'
import type { Paint, Palette } from '../terminal/palette.ts'
import { bytes, plural, span, thousands } from '../terminal/words.ts'
import type { FleetDocument, FleetStatusDocument } from './fleet-document.ts'
import type { HostDocument, ProcessDocument } from './fleet-hosts.ts'

const NOTHING = 'No packet has come yet: the detectors have nothing to judge.'

export function renderFleet(status: FleetStatusDocument, page: Page): string {
  const { fleet } = status
  return joinSections([
    headline(status, page),
    warnings(fleet, page),
    hosts(fleet, page),
    processes(fleet, page),
    ...foundSections(status, page, status.incidents.length > 0 ? [] : [NOTHING]),
  ])
}

function headline(status: FleetStatusDocument, page: Page): string[] {
  const { palette } = page
  const { responder, hosts: all, batches } = status.fleet
  const health = responder.healthy ? palette.green('well') : palette.red('not well')
  const since = `since ${timeOf(page, responder.started)} (${span(responder.uptimeSeconds * 1000)})`
  const who = `responder ${safeText(responder.instance)}`
  const lines = [
    `${palette.bold('Picket')} ${safeText(responder.version)} guards a fleet, ${health}: ${who}, ${since}`,
    [plural(all.length, 'host'), plural(batches, 'batch', 'batches'), plural(status.packets, 'packet')].join(
      ' · ',
    ),
  ]
  if (status.from !== null && status.to !== null) lines.push(periodOf(page, status.from, status.to))
  return lines
}

/** What somebody should do something about, the blind hosts first. */
function warnings(fleet: FleetDocument, page: Page): string[] {
  const { red, yellow } = page.palette
  const { blind, responder, missing, versions } = fleet
  const lines = blind.map(({ reporter, services, silentSeconds }) => {
    const silence = `${services.map((name) => safeText(name)).join(' and ')} silent for ${span(silentSeconds * 1000)}`
    return red(
      `  ! ${services.includes('collector') ? 'blind host' : 'host'} ${safeText(reporter)}: ${silence}`,
    )
  })
  lines.push(...responder.reasons.map((reason) => red(`  ! ${safeText(reason)}`)))
  if (responder.alertsWaiting > 0)
    lines.push(yellow(`  ! ${plural(responder.alertsWaiting, 'alert')} not yet told`))
  if (missing > 0)
    lines.push(yellow(`  ! ${plural(missing, 'batch', 'batches')} never came: their packets are lost`))
  if (Object.keys(versions).length > 1) lines.push(yellow(`  ! versions differ: ${versionWords(versions)}`))
  return lines
}

function versionWords(versions: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(versions).sort(([, a], [, b]) => b - a)
  return sorted
    .map(([version, count]) => `${safeText(version)} (${plural(count, 'process', 'processes')})`)
    .join(', ')
}

function statePaint(palette: Palette, state: HostDocument['state']): Paint {
  if (state === 'blind') return palette.red
  return state === 'running' ? palette.green : palette.dim
}

const NAME_COLUMNS = 24
const STATE_COLUMNS = 9

function hosts({ hosts: all }: FleetDocument, page: Page): string[] {
  if (all.length === 0) return []
  const shown = all.slice(0, page.top)
  const lines = [page.palette.bold('Hosts'), ...shown.map((host) => hostLine(host, page))]
  const more = all.length - shown.length
  if (more > 0)
    lines.push(page.palette.dim(`  … ${thousands(more)} more: --top ${all.length} or --json shows all`))
  return lines
}

function hostLine(host: HostDocument, page: Page): string {
  const { reporter, state, services, versions, lastHeard, packets, numbers, faults } = host
  const parts = [plural(packets, 'packet')]
  if (services.length > 0) parts.push([...services, ...versions].map((word) => safeText(word)).join(' '))
  if (lastHeard !== null && state !== 'running') parts.push(`last heard ${timeOf(page, lastHeard)}`)
  const spooled = numbers['spoolBytes'] ?? 0
  if (spooled > 0) parts.push(`${bytes(spooled)} to send`)
  parts.push(...clock(host), ...faults.map((fault) => safeText(fault)))
  return `  ${named(reporter, state, page)} ${parts.join(' · ')}`
}

function named(reporter: string, state: HostDocument['state'], page: Page): string {
  const name = safeText(reporter === '' ? '(unnamed)' : reporter).padEnd(NAME_COLUMNS)
  return `${name} ${statePaint(page.palette, state)(state.padEnd(STATE_COLUMNS))}`
}

/** A clock may be a few seconds off before that is worth a word. */
const CLOCK_SECONDS = 5

function clock({ aheadSeconds }: HostDocument): string[] {
  if (aheadSeconds === null || Math.abs(aheadSeconds) < CLOCK_SECONDS) return []
  return [`its clock is ${span(Math.abs(aheadSeconds) * 1000)} ${aheadSeconds > 0 ? 'ahead' : 'behind'}`]
}

function processes(fleet: FleetDocument, page: Page): string[] {
  const rows = [
    ...fleet.detectors.map((detector) => processLine('detector', detector, page)),
    ...fleet.responders.map((responder) => processLine('responder', responder, page)),
  ]
  return [page.palette.bold('Centre'), ...rows, `  to be read: ${lagWords(fleet)}`]
}

function processLine(service: string, process: ProcessDocument, page: Page): string {
  const { reporter, state, version, instance, faults } = process
  const parts = [
    `${service} ${safeText(version)}`,
    safeText(instance),
    ...faults.map((fault) => safeText(fault)),
  ]
  return `  ${named(reporter, state, page)} ${parts.join(' · ')}`
}

function lagWords({ lag }: FleetDocument): string {
  const words = Object.entries(lag).map(([topic, { records, seconds }]) => {
    const age = records === 0 || seconds === null ? '' : ` (${span(seconds * 1000)})`
    return `${safeText(topic)} ${thousands(records)}${age}`
  })
  return words.join(' · ')
}
