/**
 * Sections: all that a mail says, before it is text or HTML. The twins are both made from it, so they cannot say different things.
 *
 * Every text here is safe for a terminal and short; none is escaped for HTML.
 */
import type { Incident } from '@picket/schemas'
import { actionSections } from './action-section.ts'
import { digestSections } from './digest-sections.ts'
import { plainTime } from './instant.ts'
import { type IncidentNotice, type Notice, whoOf } from './notice.ts'
import type { Section } from './section.ts'
import { evidenceLine, kindWords, listed, many, plain } from './words.ts'

const MAX_REASONS = 20
const MAX_EVIDENCE = 25
const MAX_WHOIS = 40
const MAX_LINE = 300

export function sectionsOf(notice: Notice): Section[] {
  const sections = bodyOf(notice)
  const remarks = notice.remarks.map((remark) => plain(remark, MAX_LINE))
  return remarks.length === 0 ? sections : [...sections, { title: 'About this mail', sentences: remarks }]
}

function bodyOf(notice: Notice): Section[] {
  if (notice.kind === 'digest') return digestSections(notice)
  if (notice.kind === 'operational') {
    return [
      { title: 'What', sentences: [notice.summary, ...notice.details].map((text) => plain(text, MAX_LINE)) },
    ]
  }
  return [
    whatSection(notice),
    whoSection(notice),
    whySection(notice.alert.incident),
    ...evidenceSections(notice),
    ...actionSections(notice),
    ...whoisSections(notice),
  ]
}

type Fact = readonly [string, string]

function given(...facts: readonly (readonly [string, string | null])[]): Fact[] {
  return facts.filter((fact): fact is Fact => fact[1] !== null && fact[1] !== '')
}

function whatSection({ alert, levelBefore }: IncidentNotice): Section {
  const { incident } = alert
  const level = `${incident.level} of 5${levelBefore === null || levelBefore === incident.level ? '' : ` (was ${levelBefore})`}, score ${incident.score} of 100`
  const signatures = incident.signatures.map(({ name, count }) => `${name} (${count})`)
  return {
    title: 'What',
    facts: given(
      ['kinds', kindWords(incident.kinds)],
      ['level', level],
      ['first seen', plainTime(incident.firstSeen)],
      ['last seen', plainTime(incident.lastSeen)],
      ['seen', `${many(incident.packets, 'packet')}, ${many(incident.contacts, 'contact')}`],
      ['hosts', listed(incident.hosts, incident.hostCount)],
      ...portFacts(incident),
      ['reported by', listed(incident.reporters)],
      ['techniques', listed(incident.techniques)],
      ['ATT&CK', listed(incident.attack)],
      ['tool', incident.tool === null ? null : plain(incident.tool)],
      ['signatures', listed(signatures)],
    ),
  }
}

function portFacts({ ports }: Incident): Fact[] {
  return Object.entries(ports).map(([proto, ranges]) => [
    `${plain(proto, 20)} ports`,
    plain(ranges, MAX_LINE),
  ])
}

function whoSection({ alert, enrichment }: IncidentNotice): Section {
  const { incident } = alert
  const { reverseName, country, asn, asName, network, range, abuse, missing } = enrichment
  const system = [asn === null ? '' : `AS${asn}`, asName ?? ''].filter((text) => text !== '').join(' ')
  const net = [network ?? '', range ?? ''].filter((text) => text !== '').join(', ')
  return {
    title: 'Who',
    facts: given(
      [incident.source === null ? 'target' : 'source', plain(whoOf(incident))],
      ['network seen as one', plain(incident.prefix)],
      ['members', listed(incident.members)],
      ['reverse DNS', reverseName === null ? null : `${plain(reverseName)} (as its owner says)`],
      ['country', country === null ? null : plain(country, 40)],
      ['autonomous system', plain(system)],
      ['network', plain(net)],
      ['abuse contact', abuse === null ? null : plain(abuse)],
      ['system', incident.os === null ? null : plain(incident.os)],
      ['not known', missing.map((text) => plain(text)).join('; ')],
    ),
  }
}

function whySection(incident: Incident): Section {
  const surety = incident.bannable
    ? 'Enough for a ban: SYNs to many places are taken for the sender’s own, though a forger could send them too.'
    : 'All of this could have been forged in another’s name: the source may be innocent.'
  const reasons = incident.reasons.slice(0, MAX_REASONS).map((reason) => plain(reason, MAX_LINE))
  return { title: 'How sure, and why', sentences: [...reasons, surety] }
}

function evidenceSections({ alert }: IncidentNotice): Section[] {
  const packets = alert.evidence ?? []
  if (packets.length === 0) return []
  const quoted = packets.slice(0, MAX_EVIDENCE).map(evidenceLine)
  const more = packets.length - quoted.length
  return [{ title: 'Evidence', quoted: more > 0 ? [...quoted, `and ${many(more, 'packet')} more`] : quoted }]
}

function whoisSections({ enrichment }: IncidentNotice): Section[] {
  const quoted = enrichment.whois.slice(0, MAX_WHOIS).map((line) => plain(line, 120))
  return quoted.length === 0 ? [] : [{ title: 'Whois (as its registry says)', quoted }]
}
