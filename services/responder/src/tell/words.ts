/**
 * Words that all channels share: headline, counts, durations, and a packet as a line.
 *
 * Whatever comes from a packet, a log or the net is made safe and short here, once, so what these functions return may be
 * printed on a terminal or put in a header. It is not an HTML escape: html.ts does that.
 */
import { type Evidence, flagNames, type Incident, protocolName, safeText } from '@picket/schemas'
import { answersInShort } from './host-answers.ts'
import { plainTime } from './instant.ts'
import { type DigestNotice, type IncidentNotice, type Notice, whoOf } from './notice.ts'

const MAX_VALUE = 200
const MAX_LISTED = 20

/** A stranger's text as one short, visible piece. */
export function plain(text: string, most: number = MAX_VALUE): string {
  return safeText(text, most).trim()
}

export function many(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`
}

/** The first of a list, and how many more there are; `total` where the list itself was cut before. */
export function listed(texts: readonly string[], total: number = texts.length): string {
  const shown = texts.slice(0, MAX_LISTED).map((text) => plain(text))
  const more = Math.max(total, texts.length) - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more.toLocaleString('en-US')} more` : shown.join(', ')
}

export function kindWords(kinds: readonly string[]): string {
  return kinds.length === 0 ? 'scan' : kinds.map((kind) => plain(kind.replaceAll('_', ' '), 40)).join(', ')
}

export function doings(incident: Pick<Incident, 'hostCount' | 'portCount'>): string {
  const ports = incident.portCount > 0 ? `, ${many(incident.portCount, 'port')}` : ''
  return `${many(incident.hostCount, 'host')}${ports}`
}

/** One sentence that says all; at most 200 characters. */
export function headline(notice: Notice): string {
  switch (notice.kind) {
    case 'operational':
      return plain(notice.summary)
    case 'digest':
      return digestHeadline(notice)
    case 'resolve':
      return plain(`over: ${kindWords(notice.alert.incident.kinds)} by ${whoOf(notice.alert.incident)}`)
    case 'sample':
      return plain(`sample: ${incidentHeadline(notice)}`)
    default:
      return incidentHeadline(notice)
  }
}

function incidentHeadline({ alert: { incident }, decision: { answers } }: IncidentNotice): string {
  const { level, kinds } = incident
  const banned = answers === undefined ? '' : `; ${answersInShort(answers)}`
  const who = plain(whoOf(incident), 60)
  return plain(`level ${level}: ${kindWords(kinds)} by ${who} on ${doings(incident)}${banned}`)
}

function digestHeadline({ entries, unlisted, operational }: DigestNotice): string {
  const worst = entries.reduce((level, entry) => Math.max(level, entry.level), unlisted.level)
  const more = unlisted.notices > 0 ? ` and ${many(unlisted.notices, 'notice')} more` : ''
  const own = operational.length > 0 ? `, ${many(operational.length, 'notice')} about Picket` : ''
  return `${many(entries.length, 'incident')}${more}${own}, up to level ${worst}`
}

/** A packet of the evidence as one line. */
export function evidenceLine(packet: Evidence): string {
  const proto = protocolName(packet.proto)
  const flags =
    packet.proto === TCP && packet.flags >= 0 ? ` ${flagNames(packet.flags).join(',') || 'no flags'}` : ''
  const icmp = packet.icmpType >= 0 ? ` type ${packet.icmpType} code ${Math.max(packet.icmpCode, 0)}` : ''
  const sizes = [
    packet.len >= 0 ? ` len ${packet.len}` : '',
    packet.ttl >= 0 ? ` ttl ${packet.ttl}` : '',
  ].join('')
  const reported = `${plain(packet.reporter, 60)} "${plain(packet.prefix, 60)}"`
  const way = `${place(packet.src, packet.spt)} -> ${place(packet.dst, packet.dpt)}`
  return `${plainTime(packet.time)} ${reported} ${way} ${proto}${flags}${icmp}${sizes}`
}

const TCP = 6

function place(address: string, port: number): string {
  const text = plain(address, 60)
  if (port < 0) return text
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`
}
