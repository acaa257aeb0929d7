/**
 * Syslog and journal, by one `logger` a notice: it speaks to what listens at /dev/log, which Node cannot, and its exit status says
 * whether the line was taken.
 */
import { spawn } from 'node:child_process'
import {
  type Channel,
  levelOf,
  type Notice,
  noticeLine,
  type Sent,
  syslogSeverity,
} from '../../tell/index.ts'
import { Deadline } from './deadline.ts'
import type { SyslogSettings } from './settings.ts'

const TIMEOUT_SECONDS = 5

export class SyslogChannel implements Channel {
  readonly name: string
  readonly type = 'syslog'
  readonly #command: readonly string[]

  constructor(name: string, settings: SyslogSettings) {
    this.name = name
    this.#command = settings.command
  }

  send(notice: Notice, signal?: AbortSignal): Promise<Sent> {
    const deadline = new Deadline(TIMEOUT_SECONDS, signal)
    const [file = 'logger', ...args] = this.#command
    const priority = `local7.${syslogSeverity(levelOf(notice))}`
    const child = spawn(file, [...args, '-t', 'picket', '-p', priority], {
      stdio: ['pipe', 'ignore', 'ignore'],
      signal: deadline.signal,
    })
    const outcome = new Promise<Sent>((resolve) => {
      child.once('error', (error) => {
        resolve({ ok: false, reason: 'unreachable', retryable: true, why: `${file}: ${error.message}` })
      })
      child.once('close', (code) => resolve(ended(file, code)))
      child.stdin.on('error', () => {
        // It ended before it read; its status says why
      })
      child.stdin.end(`${noticeLine(notice)}\n`)
    })
    return outcome.finally(() => deadline.end())
  }

  async close(): Promise<void> {}
}

function ended(file: string, code: number | null): Sent {
  if (code === 0) return { ok: true, answer: `${file} took it` }
  return { ok: false, reason: 'unreachable', retryable: true, why: `${file} ended with status ${code}` }
}
