/**
 * Alert desk: hands alerts to every sink and notes which were told.
 *
 * An alert counts as told when each sink has taken or refused it, and what is to be done about it is kept. What waits is bounded: a reader that
 * stands still costs alerts (counted and said), never the guard.
 */
import type { AlertSink, ResponderEvents } from '@picket/responder/main'
import type { Alert } from '@picket/schemas'

export interface AlertDeskOptions {
  readonly sinks: readonly AlertSink[]
  readonly events: ResponderEvents
  readonly onTold: (id: string) => void
  /** Decides about it; resolves when that is kept. */
  readonly respond: (alert: Alert) => Promise<void>
}

const MAX_WAITING = 10_000

export class AlertDesk {
  #sinks: readonly AlertSink[]
  readonly #events: ResponderEvents
  readonly #onTold: (id: string) => void
  readonly #respond: (alert: Alert) => Promise<void>
  readonly #waiting: Map<string, Alert> = new Map()
  #onEmpty: (() => void) | undefined

  constructor({ sinks, events, onTold, respond }: AlertDeskOptions) {
    this.#sinks = sinks
    this.#events = events
    this.#onTold = onTold
    this.#respond = respond
  }

  /** Alerts that were raised and not yet told. */
  get untold(): Alert[] {
    return [...this.#waiting.values()]
  }

  /** `arrival` is when the line that caused it came in (ms). */
  raise(alert: Alert, arrival: number): void {
    if (this.#waiting.size >= MAX_WAITING) {
      this.#events.alertDropped()
      this.#onTold(alert.id)
      return
    }
    this.#waiting.set(alert.id, alert)
    this.#events.waiting(this.#waiting.size)
    void this.#tell(alert, arrival)
  }

  async #tell(alert: Alert, arrival: number): Promise<void> {
    await Promise.all([this.#respond(alert), ...this.#sinks.map((sink) => this.#tellOne(sink, alert))])
    this.#waiting.delete(alert.id)
    this.#events.waiting(this.#waiting.size)
    this.#events.alertFinished(Math.max(0, Date.now() - arrival) / 1000)
    this.#onTold(alert.id)
    if (this.#waiting.size === 0) this.#onEmpty?.()
  }

  async #tellOne(sink: AlertSink, alert: Alert): Promise<void> {
    try {
      await sink.tell(alert)
      this.#events.alertTold(sink.name)
    } catch (error) {
      this.#events.alertFailed(sink.name, error as Error)
    }
  }

  /** Goes on with other sinks; what the old ones have in hand they finish. */
  async useSinks(sinks: readonly AlertSink[]): Promise<void> {
    const old = this.#sinks
    this.#sinks = sinks
    await Promise.all(old.map((sink) => sink.close()))
  }

  /** Waits until all is told, but not longer than the deadline. */
  async close(deadlineMs: number): Promise<void> {
    if (this.#waiting.size > 0) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, deadlineMs)
        this.#onEmpty = () => {
          clearTimeout(late)
          resolve()
        }
      })
    }
    await this.useSinks([])
  }
}
