/**
 * Run: one guard of one host, from its settings to its end.
 *
 * The order of a chunk is the order of its safety: journalled, judged, told, noted as told. Everything
 * here happens on one thread, between two chunks the event loop turns, and nothing waits for a reader.
 */
import { type Chunk, CollectorEvents, headOf, RunningSources } from '@picket/collector/main'
import { DetectorEvents } from '@picket/detector/main'
import { ResponderEvents } from '@picket/responder/main'
import {
  type ControlRequest,
  type Health,
  JournalledStore,
  type Listening,
  type Logger,
  Metrics,
  makeLogger,
  StateFolder,
  serveControl,
  serveHealth,
} from '@picket/runtime'
import type { Alert } from '@picket/schemas'
import { ALERTS_COMMAND, isBanCommand } from '../response/ban-commands.ts'
import { AlertDesk } from './alert-desk.ts'
import { RunEvents } from './events.ts'
import { incidentsOf } from './incidents-of.ts'
import { Intake } from './intake.ts'
import type { RunIo } from './io.ts'
import { Keeper } from './keeper.ts'
import { LazyResponse } from './lazy-response.ts'
import { inputParts, storeParts, toldParts } from './records.ts'
import { type RunState, recover, STATE_VERSION } from './recover.ts'
import { controlPathOf, type RunSettings } from './settings.ts'
import { makeSinks } from './sinks.ts'
import { type StatusDocument, statusDocument } from './status.ts'

/** How long alerts that nobody takes may hold up the end. */
const LAST_ALERTS_MS = 1_000

export class Run {
  readonly events: RunEvents
  #settings: RunSettings
  readonly #io: RunIo
  readonly #log: Logger
  readonly #metrics: Metrics
  readonly #collector: CollectorEvents
  readonly #detector: DetectorEvents
  readonly #folder: StateFolder
  readonly #intake: Intake
  readonly #desk: AlertDesk
  readonly #keeper: Keeper
  readonly #sources: RunningSources
  readonly #store: JournalledStore
  readonly #response: LazyResponse
  /** Alerts of the replay, until it is known which of them were told. */
  #raised: Map<string, Alert> | undefined = new Map()
  /** Alerts that the last run did not tell, until the desk has them: a snapshot must hold them meanwhile. */
  #recovered: readonly Alert[] = []
  readonly #startedAt = Date.now()
  #isReady = false
  #health: Listening | undefined
  #control: { close(): Promise<void> } | undefined

  constructor(settings: RunSettings, io: RunIo) {
    this.#settings = settings
    this.#io = io
    this.#log = makeLogger(settings.log, io.stderr)
    this.#metrics = new Metrics().withProcessMetrics()
    this.events = new RunEvents(this.#log, this.#metrics)
    const names = settings.sources.map(({ name }) => name)
    this.#collector = new CollectorEvents(this.#log, this.#metrics, names)
    this.#folder = StateFolder.open(settings.state)
    this.#intake = new Intake(settings, this.#collector.counts, (alert, arrival) =>
      this.#onAlert(alert, arrival),
    )
    this.#detector = new DetectorEvents(this.#metrics, () => this.#intake.detector)
    this.#detector.watchTogether(this.#metrics, () => this.#intake.together)
    const responder = new ResponderEvents(this.#log, this.#metrics)
    this.#store = new JournalledStore({ journal: (change) => this.#keeper.write(storeParts(change)) })
    this.#response = new LazyResponse(settings.response, {
      ...{ store: this.#store, log: this.#log, metrics: this.#metrics },
      ...{ sinkEvents: responder, events: this.events, wasUsed: () => !this.#store.isEmpty },
      current: (source) => this.#intake.incidentOf(source),
    })
    this.#desk = new AlertDesk({
      ...{ sinks: this.#makeSinks(), events: responder },
      onTold: (id) => this.#keeper.write(toldParts([id])),
      respond: (alert) => this.#response.take(alert),
    })
    this.#keeper = new Keeper(this.#folder, this.events, () => this.#capture())
    this.#sources = new RunningSources(this.#collector, this.#intake.positions, (source, chunk) =>
      this.#onChunk(source, chunk),
    )
    this.#collector.watch(this.#metrics, () => this.#sources.all)
  }

  /** Takes up where the last run ended; throws where the outside is not as it must be, and has then let go of all. */
  async start(): Promise<void> {
    this.#recovered = this.#recover()
    try {
      await this.#keeper.checkpoint()
      this.#keeper.start()
      await this.#response.start()
      this.#raiseRecovered()
      this.#control = await serveControl(controlPathOf(this.#settings), (request) => this.#answer(request))
      this.#health = await this.#serveHealth(this.#settings)
      await this.#sources.become(this.#settings.sources)
      this.#isReady = true
    } catch (error) {
      await this.stop()
      throw error
    }
    this.events.started(
      this.#sources.all.map(({ name }) => name),
      this.#settings.state,
    )
  }

  /** What cannot be read is left as it is: nothing may be written over it. */
  #recover(): Alert[] {
    try {
      return recover({
        ...{ folder: this.#folder, intake: this.#intake, store: this.#store, events: this.events },
        raised: this.#raised ?? new Map(),
      })
    } catch (error) {
      this.#folder.close()
      throw error
    } finally {
      this.#raised = undefined
    }
  }

  /** In one turn: a snapshot holds each of them, and once. */
  #raiseRecovered(): void {
    const untold = this.#recovered
    this.#recovered = []
    for (const alert of untold) this.#onAlert(alert, Date.now())
  }

  get haveSourcesEnded(): boolean {
    return this.#sources.haveEnded
  }

  #onChunk(source: string, chunk: Chunk): void {
    const head = headOf(source, Date.now(), chunk)
    this.#keeper.write(inputParts(head, chunk.bytes))
    this.#intake.take(head, chunk.bytes)
    this.#keeper.judged()
  }

  #onAlert(alert: Alert, arrival: number): void {
    if (this.#raised !== undefined) {
      this.#raised.set(alert.id, alert)
      return
    }
    this.#detector.alertRaised(alert.incident.level)
    this.#desk.raise(alert, arrival)
  }

  #capture(): RunState {
    const untold = [...this.#recovered, ...this.#desk.untold]
    const store = this.#store.capture()
    return { version: STATE_VERSION, intake: this.#intake.capture(), untold, store }
  }

  #makeSinks(): ReturnType<typeof makeSinks> {
    return makeSinks(this.#settings.alerts, this.#io.stdout, this.#io.onReaderGone)
  }

  async #serveHealth({ metrics }: RunSettings): Promise<Listening | undefined> {
    if (metrics === undefined) return undefined
    const source = { healthy: () => this.#healthy(), ready: () => this.#ready() }
    return serveHealth(metrics, this.#metrics, source)
  }

  #healthy(): Health {
    const reasons = this.#sources.all.flatMap((source) => {
      const { state, detail } = source.status()
      return state === 'failed' ? [`source ${source.name}: ${detail}`] : []
    })
    if (this.#keeper.fault !== undefined) reasons.push(`state folder: ${this.#keeper.fault}`)
    reasons.push(...this.#response.faults)
    return { ok: reasons.length === 0, reasons }
  }

  #ready(): Health {
    return { ok: this.#isReady, reasons: this.#isReady ? [] : ['starting'] }
  }

  #answer(request: ControlRequest): StatusDocument | Promise<unknown> {
    if (isBanCommand(request.command) || request.command === ALERTS_COMMAND)
      return this.#response.answer(request)
    if (request.command !== 'status') throw new Error(`unknown command ${String(request.command)}`)
    const input = {
      intake: this.#intake,
      sources: this.#sources.all,
      missed: this.#collector.missed,
      startedAt: this.#startedAt,
      now: Date.now(),
      alertsWaiting: this.#desk.untold.length,
      response: this.#response.status,
      reasons: this.#healthy().reasons,
    }
    return statusDocument(input, incidentsOf(request['source']))
  }

  /** Takes other settings over, or throws and stays as it was. */
  async reload(settings: RunSettings): Promise<void> {
    const before = this.#settings
    if (settings.state !== before.state || controlPathOf(settings) !== controlPathOf(before)) {
      throw new Error('the state folder and the control socket can be changed by a restart only')
    }
    const health = isEqual(settings.metrics, before.metrics)
      ? this.#health
      : await this.#serveHealth(settings)
    let undo = (): void => undefined
    try {
      await this.#response.reload(settings.response)
      // Before the sources: a new one may deliver at once, and the new rules are meant for it.
      undo = this.#intake.useSettings(settings)
      await this.#sources.become(settings.sources)
    } catch (error) {
      undo()
      if (health !== this.#health) await health?.close()
      await this.#response.reload(before.response)
      throw error
    }
    if (health !== this.#health) await this.#health?.close()
    this.#health = health
    this.#settings = settings
    this.#log.level = settings.log.level
    if (!isEqual(settings.alerts, before.alerts)) await this.#desk.useSinks(this.#makeSinks())
    if (settings.policy.name !== before.policy.name) this.events.policyChanged(settings.policy.name)
    await this.#keeper.checkpoint()
  }

  /** Reads no more, tells what is found, saves all. */
  async stop(): Promise<void> {
    this.#isReady = false
    await this.#sources.stop()
    await this.#desk.close(LAST_ALERTS_MS)
    await this.#control?.close()
    await this.#response.stop()
    await this.#keeper.close()
    await this.#health?.close()
  }
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
