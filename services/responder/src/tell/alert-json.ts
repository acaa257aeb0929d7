/**
 * Alert as JSON: one object, for one line of output.
 *
 * Times are ISO 8601 as everywhere in `--json`; the incident has the fields of `analyze --json`.
 * JSON.stringify escapes control characters, so a stranger's text cannot begin a second line.
 */
import type { Alert } from '@picket/schemas'
import { isoTime } from './instant.ts'

export function alertJson(alert: Alert): string {
  const { incident } = alert
  return JSON.stringify({
    alert: alert.id,
    revision: alert.revision,
    rose: alert.rose,
    time: isoTime(alert.time),
    incident: {
      ...incident,
      firstSeen: isoTime(incident.firstSeen),
      lastSeen: isoTime(incident.lastSeen),
    },
    // Left out where there is none
    evidence: alert.evidence?.map((packet) => ({ ...packet, time: isoTime(packet.time) })),
  })
}
