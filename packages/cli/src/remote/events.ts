/**
 * Events of control from elsewhere: the only place here that logs or counts. Whoever calls without a token must not fill the log, so
 * what strangers do is counted, and said once in a while.
 */
import {
  type Logger,
  type Metrics,
  REMOTE_OUTCOMES,
  type RemoteControlListener,
  type RemoteOutcome,
} from '@picket/runtime'

const SAID_EACH_MS = 10_000

export class RemoteEvents implements RemoteControlListener {
  readonly #log: Logger
  readonly #counts: Record<string, number> = Object.fromEntries(REMOTE_OUTCOMES.map((name) => [name, 0]))
  readonly #saidAt = new Map<string, number>()

  constructor(log: Logger, metrics: Metrics) {
    this.#log = log
    metrics.counterBy(
      'picket_responder_remote_calls_total',
      'Calls from other machines, by how they ended.',
      'outcome',
      () => this.#counts,
    )
  }

  listening(host: string, port: number): void {
    this.#log.info({ host, port }, 'commands from other machines are answered, over TLS with a token')
  }

  ended(outcome: RemoteOutcome, address: string, who: string | undefined): void {
    this.#counts[outcome] = (this.#counts[outcome] ?? 0) + 1
    if (who !== undefined) this.#log.info({ outcome, address, who }, 'a call from another machine')
    else if (this.#isDue(outcome)) this.#log.warn({ outcome, address }, STRANGERS[outcome])
  }

  unusable(error: Error): void {
    if (this.#isDue(error.message))
      this.#log.error({ err: error }, 'what control from elsewhere needs cannot be used')
  }

  certificateChanged(): void {
    this.#log.info('a new certificate holds for calls from other machines')
  }

  #isDue(matter: string): boolean {
    const now = performance.now()
    if (now - (this.#saidAt.get(matter) ?? Number.NEGATIVE_INFINITY) < SAID_EACH_MS) return false
    this.#saidAt.set(matter, now)
    return true
  }
}

const STRANGERS: Readonly<Record<RemoteOutcome, string>> = {
  answered: 'a call was answered',
  refused: 'a call that is no request',
  'wrong-token': 'a call with a token that is not known',
  'not-allowed': 'a call that its token does not allow',
  'too-many': 'too many calls of one address',
  'no-handshake': 'a call that did not get through the TLS handshake',
  'too-large': 'a call with too large a request',
  'too-slow': 'a call without a request in time',
}
