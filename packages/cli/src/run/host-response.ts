/**
 * The response of `picket run`: the fleet's responder and enforcer in one process, over a queue in memory and the run's own store.
 *
 * Loaded only where it is wanted. Queue, key and enforcer live as long as the process; a new configuration begins the responder anew,
 * and it finds all that it knew in the store. The key is made at each start, since nobody else is to be convinced by it.
 */
import { Enricher, HostResponder, type ResponderEvents } from '@picket/responder/main'
import {
  bufferOf,
  type ControlRequest,
  type Logger,
  MemoryQueue,
  type Metrics,
  type PartitionStore,
} from '@picket/runtime'
import { newSigningKey, type SigningKey } from '@picket/runtime/bans'
import type { Incident } from '@picket/schemas'
import { openChannels } from '../notify/channels.ts'
import { ALERTS_COMMAND } from '../response/ban-commands.ts'
import { answerBans } from '../response/control.ts'
import type { RunEvents } from './events.ts'
import { HostEnforcer } from './host-enforcer.ts'
import type { HostResponseSettings } from './settings.ts'
import type { ResponseStatus } from './status.ts'

export interface HostResponseParts {
  readonly store: PartitionStore
  readonly log: Logger
  readonly metrics: Metrics
  readonly sinkEvents: ResponderEvents
  readonly events: RunEvents
  /** Of a source, as the detector knows it now. */
  readonly current: (source: string) => Incident | undefined
}

/** Of topics, which nobody else sees. */
const PREFIX = 'run'

export class HostResponse {
  readonly #parts: HostResponseParts
  readonly #queue = new MemoryQueue({
    topics: Object.fromEntries(
      ['packets', 'alerts', 'bans', 'receipts', 'dead-letters'].map((topic) => [`${PREFIX}.${topic}`, 1]),
    ),
  })
  readonly #key: SigningKey = newSigningKey()
  readonly #enforcer: HostEnforcer
  #responder: HostResponder
  #metrics: Metrics

  constructor(settings: HostResponseSettings, parts: HostResponseParts) {
    this.#parts = parts
    this.#enforcer = new HostEnforcer(settings.enforcer, {
      ...{ ...parts, queue: this.#queue, prefix: PREFIX, key: this.#key },
    })
    this.#metrics = parts.metrics.part()
    this.#responder = this.#makeResponder(settings)
  }

  #makeResponder({ response, incidents, channels, enrichment }: HostResponseSettings): HostResponder {
    const { store, log, sinkEvents, current } = this.#parts
    return new HostResponder(
      { response, incidents, prefix: PREFIX },
      {
        ...{ store, log, sinkEvents, current, metrics: this.#metrics, queue: this.#queue, key: this.#key },
        ...{ channels: openChannels(channels), enricher: new Enricher(enrichment), host: this.#enforcer },
      },
    )
  }

  async start(): Promise<void> {
    await this.#enforcer.look()
    await this.#responder.start()
    const { bans } = this.#responder.response.response
    // A ban that is in force can be lifted only by who enforces
    if (bans.mode === 'enabled' || bans.inForce > 0) await this.#enforcer.start()
  }

  take: HostResponder['take'] = (alert) => this.#responder.take(alert)

  async answer(request: ControlRequest): Promise<unknown> {
    if (request.command === ALERTS_COMMAND) return { alerts: await this.#alerts(request['since']) }
    if (request.command === 'bans-enable') await this.#enforcer.start()
    // From this machine only
    const answer = await answerBans(this.#responder, request, { kind: 'socket' })
    return request.command === 'allow-list' ? { ...answer, own: this.#enforcer.own } : answer
  }

  async #alerts(since: unknown): Promise<string[]> {
    const alerts = await this.#responder.alerts(typeof since === 'number' ? since : 0)
    return alerts.map((bytes) => bufferOf(bytes).toString('base64'))
  }

  /** What `picket status` shows of it. */
  get status(): ResponseStatus {
    const { bans } = this.#responder.response.response
    return { bans: bans.mode, inForce: bans.inForce, enforcing: this.#enforcer.isEnforcing() }
  }

  get faults(): readonly string[] {
    return this.#enforcer.faults
  }

  /** Rejects with the old one ended and the new one not begun: the caller goes back. */
  async reload(settings: HostResponseSettings): Promise<void> {
    await this.#responder.stop()
    this.#metrics.remove()
    this.#responder = this.#makeResponder(settings)
    await this.#enforcer.use(settings.enforcer)
    await this.#responder.start()
  }

  async stop(): Promise<void> {
    await this.#responder.stop()
    await this.#enforcer.stop()
    await this.#queue.close()
  }
}
