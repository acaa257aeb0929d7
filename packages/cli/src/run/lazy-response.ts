/**
 * Lazy response: what a run does about alerts, loaded when the configuration asks for it, when an earlier run has left something of it,
 * or when a command first does.
 *
 * An alert counts as taken when the response has it in the store. What was not taken when the response began anew is given to the next one.
 */
import type { ControlRequest } from '@picket/runtime'
import type { Alert } from '@picket/schemas'
import type { HostResponse, HostResponseParts } from './host-response.ts'
import type { HostResponseSettings } from './settings.ts'
import type { ResponseStatus } from './status.ts'

export interface LazyResponseParts extends HostResponseParts {
  /** Somebody has used it before. */
  readonly wasUsed: () => boolean
}

export class LazyResponse {
  readonly #parts: LazyResponseParts
  #settings: HostResponseSettings | undefined
  #running: HostResponse | undefined
  #turn: Promise<void> = Promise.resolve()
  readonly #untaken = new Map<Alert, () => void>()

  constructor(settings: HostResponseSettings | undefined, parts: LazyResponseParts) {
    this.#settings = settings
    this.#parts = parts
  }

  get faults(): readonly string[] {
    return this.#running?.faults ?? []
  }

  get status(): ResponseStatus | null {
    return this.#running?.status ?? null
  }

  get #isWanted(): boolean {
    return this.#settings !== undefined && (this.#settings.isAsked || this.#parts.wasUsed())
  }

  /** Before any alert is raised. */
  async start(): Promise<void> {
    if (this.#isWanted) await this.#inTurn(() => this.#begin())
  }

  /** Resolves when it need not be kept any longer. */
  take(alert: Alert): Promise<void> {
    return new Promise((resolve) => {
      this.#untaken.set(alert, resolve)
      void this.#give(alert)
    })
  }

  async #give(alert: Alert): Promise<void> {
    await this.#turn.catch(() => undefined)
    // One that ends while it has the alert never answers; the next one gets it then
    if (this.#running !== undefined) await this.#running.take(alert)
    this.#untaken.get(alert)?.()
    this.#untaken.delete(alert)
  }

  /** Rejects with words for whoever asks. */
  async answer(request: ControlRequest): Promise<unknown> {
    if (this.#settings === undefined) throw new Error('this guard decides nothing')
    await this.#inTurn(() => this.#begin())
    return this.#running?.answer(request)
  }

  /** Other settings, or rejects and goes on as before. */
  reload(settings: HostResponseSettings | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#settings
      this.#settings = settings
      if (JSON.stringify(before) === JSON.stringify(settings)) return
      try {
        await this.#change()
      } catch (error) {
        this.#settings = before
        await this.#change()
        throw error
      }
    })
  }

  async #change(): Promise<void> {
    if (this.#running === undefined) {
      if (this.#isWanted) await this.#begin()
      return
    }
    if (this.#settings !== undefined) await this.#running.reload(this.#settings)
    for (const alert of this.#untaken.keys()) void this.#give(alert)
  }

  async #begin(): Promise<void> {
    if (this.#running !== undefined || this.#settings === undefined) return
    const { HostResponse } = await import('./host-response.ts')
    const response = new HostResponse(this.#settings, this.#parts)
    await response.start()
    this.#running = response
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.catch(() => undefined).then(work)
    this.#turn = turn
    return turn
  }

  async stop(): Promise<void> {
    await this.#turn.catch(() => undefined)
    await this.#running?.stop()
  }
}
