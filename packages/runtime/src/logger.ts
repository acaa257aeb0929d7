/**
 * Logger: what the process says about itself, on standard error.
 *
 * Standard output belongs to data (alerts), so nothing here may ever write to it. JSON lines by pino,
 * or one plain line each on a terminal.
 */
import { type Logger, pino, stdTimeFunctions } from 'pino'
import { TextLines } from './log-text.ts'

export type { Logger } from 'pino'

export interface LogSettings {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** `auto` is text on a terminal and JSON elsewhere. */
  readonly format: 'auto' | 'text' | 'json'
}

/** Where lines go: standard error, or what a test reads. */
export interface LogStream {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export function makeLogger(settings: LogSettings, stream: LogStream = process.stderr): Logger {
  const isText = settings.format === 'text' || (settings.format === 'auto' && stream.isTTY === true)
  const options = {
    level: settings.level,
    base: { name: 'picket', pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const colour = stream.isTTY === true && process.env['NO_COLOR'] === undefined
  return pino(
    options,
    isText ? new TextLines(stream, colour) : { write: (line: string) => stream.write(line) },
  )
}
