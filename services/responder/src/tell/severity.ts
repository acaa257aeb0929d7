/** Severity: the danger level in the words of others. */
import type { Notice } from './notice.ts'

/** The level of a notice, 0 to 5; what concerns Picket itself is 4 when it pages and 2 when it can wait. */
export function levelOf(notice: Notice): number {
  if ('alert' in notice) return notice.alert.incident.level
  if (notice.kind === 'operational') return notice.severity === 'page' ? 4 : 2
  return notice.entries.reduce((worst, { level }) => Math.max(worst, level), notice.unlisted.level)
}

/** PagerDuty's four, which Alertmanager's users know too. */
export type Severity = 'info' | 'warning' | 'error' | 'critical'

const SEVERITIES = ['info', 'info', 'info', 'warning', 'error', 'critical'] as const

export function severityOf(level: number): Severity {
  return SEVERITIES[level] ?? 'critical'
}

const SYSLOG = ['info', 'info', 'notice', 'warning', 'err', 'crit'] as const

/** Keywords of syslog(3). */
export function syslogSeverity(level: number): (typeof SYSLOG)[number] {
  return SYSLOG[level] ?? 'crit'
}
