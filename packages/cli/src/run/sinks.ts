/**
 * Sinks: where the configuration wants alerts told.
 */
import type { Writable } from 'node:stream'
import { alertJson, alertLine } from '@picket/responder'
import {
  type AlertSink,
  RemoteSyslogSink,
  StdoutSink,
  SyslogSink,
  type Wording,
} from '@picket/responder/main'
import type { RunSettings } from './settings.ts'

/** Standard output as the run uses it. */
export type AlertStream = Writable & { readonly isTTY?: boolean }

export function makeSinks(
  alerts: RunSettings['alerts'],
  stdout: AlertStream,
  onGone: (error: Error) => void,
): AlertSink[] {
  const plain: Wording = alerts.format === 'json' ? alertJson : (alert) => alertLine(alert)
  const colour = stdout.isTTY === true && process.env['NO_COLOR'] === undefined
  const shown: Wording = alerts.format === 'json' ? alertJson : (alert) => alertLine(alert, colour)
  const sinks: AlertSink[] = []
  if (alerts.stdout) sinks.push(new StdoutSink(stdout, shown, onGone))
  if (alerts.syslog) sinks.push(new SyslogSink(plain))
  if (alerts.remote !== undefined) sinks.push(new RemoteSyslogSink(alerts.remote, plain))
  return sinks
}
