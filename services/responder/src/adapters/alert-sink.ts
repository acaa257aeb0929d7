/**
 * The port of everything that alerts are told to.
 *
 * `tell` resolves when the outside has the alert: only then is it noted as told, so a kill before that
 * tells it again (under the same id) and never loses it.
 */
import type { Alert } from '@picket/schemas'

export interface AlertSink {
  readonly name: SinkName
  tell(alert: Alert): Promise<void>
  close(): Promise<void>
}

/** Closed, as it is a metric label. */
export const SINK_NAMES = ['stdout', 'syslog', 'remote'] as const
export type SinkName = (typeof SINK_NAMES)[number]

/** What makes an alert the text of one line, without its line end. */
export type Wording = (alert: Alert) => string
