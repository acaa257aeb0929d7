/**
 * Elastic Common Schema 8: a notice as one JSON line for Elasticsearch and whatever reads ECS.
 *
 * `event.kind` is alert for what a person should see, and state for the rest. What ECS has no field for is under `picket`.
 */
import { parseAddress, protocolName } from '@picket/schemas'
import { isoTime } from './instant.ts'
import { jsonLine } from './json-line.ts'
import { type IncidentNotice, type Notice, whoOf } from './notice.ts'
import { noticeJson } from './notice-json.ts'
import { levelOf } from './severity.ts'
import { headline } from './words.ts'

const VERSION = '8.11.0'

export function ecsLine(notice: Notice, sender: string): string {
  return jsonLine({
    '@timestamp': isoTime(notice.time),
    ecs: { version: VERSION },
    message: headline(notice),
    ...('alert' in notice ? incidentFields(notice) : otherEvent(notice)),
    observer: { name: sender, product: 'Picket', type: 'ids', vendor: 'Picket' },
    picket: noticeJson(notice),
  })
}

function incidentFields(notice: IncidentNotice): Record<string, unknown> {
  const { incident } = notice.alert
  const { kinds, level, score, firstSeen, lastSeen, attack, hosts, protocols, reporters } = incident
  return {
    event: {
      kind: 'alert',
      category: ['network', 'intrusion_detection'],
      type: [notice.kind === 'resolve' ? 'end' : notice.kind === 'incident' ? 'start' : 'info', 'connection'],
      id: notice.id,
      module: 'picket',
      dataset: 'picket.incident',
      action: kinds[0] ?? 'scan',
      severity: level,
      risk_score: score,
      start: isoTime(firstSeen),
      end: isoTime(lastSeen),
      outcome: OUTCOMES[notice.decision.outcome],
    },
    source: sourceFields(notice),
    destination: hosts.length === 1 && isAddress(hosts[0]) ? { ip: hosts[0], address: hosts[0] } : undefined,
    network: { transport: protocols[0] === undefined ? undefined : protocolName(protocols[0]) },
    related: { ip: [whoOf(incident), ...hosts].filter(isAddress), hosts: reporters },
    rule: { name: kinds.join(', ') || 'scan', category: 'scan', ruleset: 'picket' },
    threat: { framework: 'MITRE ATT&CK', technique: { id: attack } },
    tags: ['picket', ...kinds],
  }
}

const OUTCOMES = { banned: 'success', refused: 'failure', 'would-ban': 'unknown', none: 'unknown' } as const

function sourceFields({ alert, enrichment }: IncidentNotice): Record<string, unknown> | undefined {
  const { source } = alert.incident
  if (source === null) return undefined
  const { asn, asName, country, reverseName } = enrichment
  return {
    ip: isAddress(source) ? source : undefined,
    address: source,
    domain: reverseName ?? undefined,
    geo: country === null ? undefined : { country_iso_code: country },
    as:
      asn === null
        ? undefined
        : { number: asn, organization: asName === null ? undefined : { name: asName } },
  }
}

function otherEvent(notice: Notice): Record<string, unknown> {
  const event = { kind: 'event', category: ['process'], type: ['info'], id: notice.id, module: 'picket' }
  return {
    event: { ...event, dataset: `picket.${notice.kind}`, severity: levelOf(notice) },
    tags: ['picket'],
  }
}

/** Fields of type ip refuse anything else, and the whole line with it. */
function isAddress(text: string | undefined): text is string {
  return text !== undefined && parseAddress(text) !== undefined
}
