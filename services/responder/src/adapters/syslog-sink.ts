/**
 * Alerts to the local syslog or journal, through one `logger` that is kept running.
 *
 * logger speaks to whatever listens at /dev/log, which Node cannot (it is a datagram socket). When it
 * dies it is started again with the next alert, at most once a second.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import type { Alert } from '@picket/schemas'
import type { AlertSink, Wording } from './alert-sink.ts'

const RESTART_MS = 1_000
/** How long logger may take to hand on what it has when we end. */
const CLOSE_MS = 1_000

type Child = ChildProcessByStdio<Writable, null, null>

export class SyslogSink implements AlertSink {
  readonly name = 'syslog'
  readonly #wording: Wording
  readonly #command: readonly string[]
  #child: Child | undefined
  #startedAt = Number.NEGATIVE_INFINITY
  #fault = ''

  constructor(
    wording: Wording,
    command: readonly string[] = ['logger', '-t', 'picket', '-p', 'local7.notice'],
  ) {
    this.#wording = wording
    this.#command = command
  }

  async tell(alert: Alert): Promise<void> {
    const child = this.#child ?? this.#start()
    if (child === undefined) throw new Error(`logger does not run: ${this.#fault}`)
    await new Promise<void>((resolve, reject) => {
      child.stdin.write(`${this.#wording(alert)}\n`, (error) => {
        if (error) reject(new Error(`logger took no alert: ${error.message}`, { cause: error }))
        else resolve()
      })
    })
  }

  #start(): Child | undefined {
    const now = performance.now()
    if (now - this.#startedAt < RESTART_MS) return undefined
    this.#startedAt = now
    const [file = 'logger', ...args] = this.#command
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'ignore'] })
    this.#child = child
    const ended = (fault: string): void => {
      this.#fault = fault
      if (this.#child === child) this.#child = undefined
    }
    child.stdin.on('error', (error) => ended(error.message))
    child.once('error', (error) => ended(error.message))
    child.once('exit', (code) => ended(`it ended with status ${code}`))
    return child
  }

  async close(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => child.kill(), CLOSE_MS)
      child.once('close', () => {
        clearTimeout(late)
        resolve()
      })
      child.stdin.end()
    })
  }
}
