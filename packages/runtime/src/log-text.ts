/**
 * Log text: pino's JSON lines as plain lines for a person.
 *
 * `12:03:44 warn  message  key=value …`; values are made safe here, as a path or a child's complaint
 * may hold anything.
 */
import { safeText } from '@picket/schemas'

interface Sink {
  write(text: string): unknown
}

const COLOURS: Readonly<Record<string, string>> = {
  debug: '\x1b[2m',
  info: '\x1b[36m',
  warn: '\x1b[33m',
  error: '\x1b[31m',
  fatal: '\x1b[31m',
}
const NOT_SHOWN = new Set(['level', 'time', 'name', 'pid', 'msg', 'err'])

export class TextLines {
  readonly #sink: Sink
  readonly #colour: boolean

  constructor(sink: Sink, colour: boolean) {
    this.#sink = sink
    this.#colour = colour
  }

  write(line: string): void {
    this.#sink.write(`${this.#textOf(JSON.parse(line) as Record<string, unknown>)}\n`)
  }

  #textOf(entry: Record<string, unknown>): string {
    const level = safeText(String(entry['level']))
    const shown = level.padEnd(5)
    const coloured = this.#colour ? `${COLOURS[level] ?? ''}${shown}\x1b[0m` : shown
    const err = entry['err'] as { message?: string } | undefined
    const cause = err?.message === undefined ? [] : [`(${safeText(err.message)})`]
    const fields = Object.entries(entry)
      .filter(([key]) => !NOT_SHOWN.has(key))
      .map(([key, value]) => `${key}=${safeText(typeof value === 'string' ? value : JSON.stringify(value))}`)
    const time = safeText(String(entry['time']).slice(11, 19))
    return [time, coloured, safeText(String(entry['msg'] ?? '')), ...cause, ...fields].join(' ')
  }
}
