/**
 * Alert as JSON: one object, for one line of output.
 *
 * Times are ISO 8601 as everywhere in `--json`; the incident has the fields of `analyze --json`.
 * JSON.stringify escapes control characters, so a stranger's text cannot begin a second line.
 */
import type { Alert } from '@picket/schemas'

export function alertJson(alert: Alert): string {
  const { incident } = alert
  return JSON.stringify({
    alert: alert.id,
    revision: alert.revision,
    rose: alert.rose,
    time: new Date(alert.time).toISOString(),
    incident: {
      ...incident,
      firstSeen: new Date(incident.firstSeen).toISOString(),
      lastSeen: new Date(incident.lastSeen).toISOString(),
    },
    // Left out where there is none
    evidence: alert.evidence?.map((packet) => ({ ...packet, time: new Date(packet.time).toISOString() })),
  })
}
