/**
 * OCSF 1.3: a notice as a Detection Finding (class 2004), one JSON line.
 *
 * The finding's uid is the incident's id, so create, update and close are about one finding. Times are ms since 1970.
 */

import { protocolName } from '@picket/schemas'
import { measureSentence } from './action-section.ts'
import { jsonLine } from './json-line.ts'
import { type IncidentNotice, type Notice, threadOf } from './notice.ts'
import { noticeJson } from './notice-json.ts'
import { levelOf } from './severity.ts'
import { headline, kindWords } from './words.ts'

const VERSION = '1.3.0'
const CLASS = 2004
const ACTIVITY = { incident: 1, update: 2, resolve: 3, digest: 2, operational: 1, sample: 99 } as const
const ACTIVITY_NAMES = { 1: 'Create', 2: 'Update', 3: 'Close', 99: 'Other' } as const
const SEVERITIES = ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical'] as const
const SOURCE_ENDPOINT = 'src_endpoint'
const MAX_EVIDENCE = 25

export function ocsfLine(notice: Notice, sender: string): string {
  const activity = ACTIVITY[notice.kind]
  const level = levelOf(notice)
  return jsonLine({
    activity_id: activity,
    activity_name: ACTIVITY_NAMES[activity],
    category_uid: 2,
    category_name: 'Findings',
    class_uid: CLASS,
    class_name: 'Detection Finding',
    type_uid: CLASS * 100 + activity,
    severity_id: level,
    severity: SEVERITIES[level] ?? 'Critical',
    status_id: notice.kind === 'resolve' ? 4 : 1,
    status: notice.kind === 'resolve' ? 'Resolved' : 'New',
    time: notice.time,
    message: headline(notice),
    metadata: {
      version: VERSION,
      uid: notice.id,
      product: { name: 'Picket', vendor_name: 'Picket' },
      log_provider: sender,
    },
    ...('alert' in notice ? finding(notice) : otherFinding(notice)),
    unmapped: { picket: noticeJson(notice) },
  })
}

function finding(notice: IncidentNotice): Record<string, unknown> {
  const { alert, decision } = notice
  const { incident } = alert
  return {
    finding_info: {
      uid: incident.id,
      title: `${kindWords(incident.kinds)} by ${incident.source ?? 'many sources'}`,
      desc: incident.reasons.join('; '),
      types: incident.kinds,
      created_time: incident.firstSeen,
      modified_time: alert.time,
      first_seen_time: incident.firstSeen,
      last_seen_time: incident.lastSeen,
      analytic: { type_id: 1, type: 'Rule', name: 'picket' },
      attacks: incident.attack.map((uid) => ({ version: '14', technique: { uid } })),
    },
    risk_score: incident.score,
    confidence_id: incident.bannable ? 3 : 1,
    confidence: incident.bannable ? 'High' : 'Low',
    evidences: evidencesOf(notice),
    remediation: { desc: measureSentence(decision) },
    count: incident.packets,
  }
}

/** Evidence is required of a finding: without packets, the endpoints stand for it. */
function evidencesOf({ alert }: IncidentNotice): object[] {
  const { incident, evidence = [] } = alert
  if (evidence.length === 0) {
    return [
      { [SOURCE_ENDPOINT]: { ip: incident.source ?? undefined }, dst_endpoint: { ip: incident.hosts[0] } },
    ]
  }
  return evidence.slice(0, MAX_EVIDENCE).map(({ src, spt, dst, dpt, proto }) => ({
    [SOURCE_ENDPOINT]: { ip: src, port: portOf(spt) },
    dst_endpoint: { ip: dst, port: portOf(dpt) },
    connection_info: { protocol_num: proto, protocol_name: protocolName(proto), direction_id: 1 },
  }))
}

function portOf(port: number): number | undefined {
  return port < 0 ? undefined : port
}

function otherFinding(notice: Notice): Record<string, unknown> {
  const title = headline(notice)
  return {
    finding_info: { uid: threadOf(notice), title, created_time: notice.time },
    evidences: [{ data: { summary: title } }],
  }
}
