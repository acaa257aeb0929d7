/**
 * A notice as JSON for other programs: the alert as `alerts.format: json` has it, and what was decided and found out.
 *
 * Times are ISO 8601. Texts of strangers are as they came: a program that shows them must make them safe, as we do.
 */
import { alertJson } from './alert-json.ts'
import { unbanCommand } from './commands.ts'
import { isoTime } from './instant.ts'
import type { DigestNotice, IncidentNotice, Notice } from './notice.ts'
import { levelOf } from './severity.ts'
import { headline } from './words.ts'

export function noticeJson(notice: Notice): Record<string, unknown> {
  const { kind, id, time, remarks } = notice
  const base = { kind, id, time: isoTime(time), summary: headline(notice), level: levelOf(notice), remarks }
  if (notice.kind === 'operational') {
    const { severity, details } = notice
    return { ...base, severity, details }
  }
  return notice.kind === 'digest' ? { ...base, ...digestJson(notice) } : { ...base, ...incidentJson(notice) }
}

function incidentJson({ alert, decision, enrichment, console }: IncidentNotice): Record<string, unknown> {
  const told = JSON.parse(alertJson(alert)) as Record<string, unknown>
  const isWished = decision.outcome === 'banned' || decision.outcome === 'refused'
  const unban = isWished ? (unbanCommand(decision.subject) ?? null) : null
  const { time: alertTime, ...rest } = told
  return { ...rest, alertTime, decision: { ...decision, unban }, enrichment, console }
}

function digestJson({ since, entries, unlisted, operational }: DigestNotice): Record<string, unknown> {
  const dated = entries.map((entry) => ({
    ...entry,
    firstSeen: isoTime(entry.firstSeen),
    lastSeen: isoTime(entry.lastSeen),
  }))
  return { since: isoTime(since), entries: dated, unlisted, operational }
}
