/**
 * PagerDuty Events v2: a page opens with the incident and closes with it.
 *
 * The dedup key is the incident's id, so every alert of one incident is the same page. Only `resolve` closes it.
 */
import { measureSentence } from './action-section.ts'
import { isoTime } from './instant.ts'
import { jsonLine } from './json-line.ts'
import { type Notice, threadOf } from './notice.ts'
import { noticeJson } from './notice-json.ts'
import { levelOf, severityOf } from './severity.ts'
import { headline, plain } from './words.ts'

/** Limits of the service. */
const MAX_SUMMARY = 1_024
const MAX_KEY = 255

export function pagerdutyEvent(notice: Notice, routingKey: string, sender: string): string {
  const key = { routing_key: routingKey, dedup_key: threadOf(notice).slice(0, MAX_KEY) }
  if (notice.kind === 'resolve') return jsonLine({ ...key, event_action: 'resolve' })
  const console = 'alert' in notice ? notice.console : null
  return jsonLine({
    ...key,
    event_action: 'trigger',
    client: 'Picket',
    payload: {
      summary: plain(summaryOf(notice), MAX_SUMMARY),
      source: plain(sender, 200),
      severity: severityOf(levelOf(notice)),
      timestamp: isoTime(notice.time),
      component: 'firewall',
      group: 'picket',
      class: notice.kind === 'operational' ? 'operational' : 'scan',
      custom_details: noticeJson(notice),
    },
    ...(console === null ? {} : { links: [{ href: console, text: 'Console' }] }),
  })
}

function summaryOf(notice: Notice): string {
  return 'alert' in notice ? `${headline(notice)}. ${measureSentence(notice.decision)}` : headline(notice)
}
