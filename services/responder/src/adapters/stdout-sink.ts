/**
 * Alerts to standard output.
 *
 * Node writes to pipes and sockets without blocking: a reader that is slow makes `tell` slow, not the
 * process. A reader that has gone (EPIPE) is told to the owner once, who ends the run.
 */
import type { Writable } from 'node:stream'
import type { Alert } from '@picket/schemas'
import type { AlertSink, Wording } from './alert-sink.ts'

export class StdoutSink implements AlertSink {
  readonly name = 'stdout'
  readonly #stream: Writable
  readonly #wording: Wording
  readonly #onError: (error: Error) => void

  constructor(stream: Writable, wording: Wording, onGone: (error: Error) => void) {
    this.#stream = stream
    this.#wording = wording
    this.#onError = onGone
    stream.on('error', this.#onError)
  }

  tell(alert: Alert): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(`${this.#wording(alert)}\n`, (error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }

  async close(): Promise<void> {
    // The stream is the process's, not ours. Its error listener stays: a late EPIPE must not throw.
  }
}
