/**
 * Webhook body: CloudEvents 1.0 in JSON, and what is signed of it in the manner of Standard Webhooks.
 *
 * `id` is the notice's, and `source` the same whichever responder sends: a receiver that keeps both sees a repeat. The signature itself needs a key, and is made by the adapter.
 */
import { isoTime } from './instant.ts'
import { jsonLine } from './json-line.ts'
import { type Notice, whoOf } from './notice.ts'
import { noticeJson } from './notice-json.ts'

export const CLOUD_EVENT_TYPE = 'application/cloudevents+json; charset=utf-8'

const TYPES = {
  incident: 'picket.incident.opened',
  update: 'picket.incident.updated',
  resolve: 'picket.incident.resolved',
  digest: 'picket.digest',
  operational: 'picket.operational',
  sample: 'picket.sample',
} as const

export function cloudEvent(notice: Notice, sender: string): string {
  const subject = 'alert' in notice ? { subject: whoOf(notice.alert.incident) } : {}
  return jsonLine({
    specversion: '1.0',
    id: notice.id,
    source: '/picket',
    sender,
    type: TYPES[notice.kind],
    ...subject,
    time: isoTime(notice.time),
    datacontenttype: 'application/json',
    data: noticeJson(notice),
  })
}

/** Standard Webhooks: id, seconds since 1970 and body, joined by full stops. */
export function signedContent(id: string, seconds: number, body: string): string {
  return `${id}.${seconds}.${body}`
}
