/**
 * Intake: records in, judgements out. The same code for what arrives and for what is replayed.
 *
 * It has no clock and no I/O: all that it knows is a function of the records that it was given, which is
 * what makes a replayed run the undisturbed one. (The detector's seed is random against strangers who
 * choose their addresses; no result depends on it.)
 */

import { randomInt } from 'node:crypto'
import { DEFAULT_VERDICTS } from '@picket/collector'
import {
  type InputHead,
  type LineCounts,
  LineReader,
  type Position,
  type ReadOptions,
  type Recent,
} from '@picket/collector/main'
import { Detector, type LocalState, type LocalTogether, withoutMembers, worstFirst } from '@picket/detector'
import { type Alert, type Incident, type Packet, parseAddress } from '@picket/schemas'
import { togetherFor } from '../judging.ts'
import { zoneNamed } from '../zone.ts'
import { RunTotals, type TotalsState } from './run-totals.ts'
import type { RunSettings } from './settings.ts'

export interface IntakeState {
  readonly policy: string
  readonly detector: unknown
  /** Of the second stage; a snapshot of an older Picket has none. */
  readonly together?: LocalState | undefined
  readonly sources: ReadonlyMap<string, { readonly position: Position; readonly recent: readonly Recent[] }>
  readonly counts: LineCounts
  readonly totals: TotalsState
}

/** `arrival` is that of the record that holds the line. */
export type OnAlert = (alert: Alert, arrival: number) => void

export class Intake {
  readonly totals: RunTotals = new RunTotals()
  readonly counts: LineCounts
  readonly positions: Map<string, Position> = new Map()
  #detector: Detector
  #together: LocalTogether | undefined
  #settings: RunSettings
  #reading: ReadOptions
  readonly #onAlert: OnAlert
  readonly #readers: Map<string, LineReader> = new Map()
  #arrival = 0

  constructor(settings: RunSettings, counts: LineCounts, onAlert: OnAlert) {
    this.#settings = settings
    this.#reading = readOptions(settings)
    this.counts = counts
    this.#onAlert = onAlert
    this.#together = this.#newTogether()
    this.#detector = new Detector(this.#detectorOptions())
  }

  get detector(): Detector {
    return this.#detector
  }

  get together(): LocalTogether | undefined {
    return this.#together
  }

  /** Of one source and of many, the worst first. */
  incidents(): Incident[] {
    const single = this.#detector.incidents()
    return withoutMembers(single, this.#together?.incidents() ?? []).sort(worstFirst)
  }

  /** What stands open of a source now. */
  incidentOf(source: string): Incident | undefined {
    const address = parseAddress(source)
    return address === undefined ? undefined : this.#detector.incidentOf(address)
  }

  get policy(): string {
    return this.#settings.policy.name
  }

  take(head: InputHead, bytes: Uint8Array): void {
    this.#arrival = head.arrival
    this.positions.set(head.source, head.position)
    this.#readerFor(head.source).read(head, bytes, this.counts, this.#judge)
  }

  readonly #judge = (packet: Packet): void => {
    this.totals.add(packet, this.#detector.observe(packet))
  }

  #readerFor(source: string): LineReader {
    const known = this.#readers.get(source)
    if (known !== undefined) return known
    const reader = new LineReader(this.#reading)
    this.#readers.set(source, reader)
    return reader
  }

  #detectorOptions(): ConstructorParameters<typeof Detector>[0] {
    const { policy, rules, memory } = this.#settings
    return {
      method: policy,
      rules,
      maxSources: memory.sources,
      seed: randomInt(2 ** 31),
      onAlert: (alert: Alert) => this.#onAlert(alert, this.#arrival),
      ...(this.#together === undefined ? {} : { onContact: this.#together.onContact }),
    }
  }

  #newTogether(state?: LocalState): LocalTogether | undefined {
    const onAlert = (alert: Alert): void => this.#onAlert(alert, this.#arrival)
    const together = togetherFor(this.#settings.policy, onAlert)
    if (state !== undefined) together?.restore(state)
    return together
  }

  /**
   * Other rules, another policy: what was found so far is kept if the policy is still the same. Returns
   * the way back; it loses what came in between only where the policy was another.
   */
  useSettings(settings: RunSettings): () => void {
    const [oldSettings, oldDetector, oldTogether] = [this.#settings, this.#detector, this.#together]
    const isSamePolicy = settings.policy.name === this.policy
    this.#adopt(settings)
    this.#together = this.#newTogether(isSamePolicy ? oldTogether?.capture() : undefined)
    const options = this.#detectorOptions()
    this.#detector = isSamePolicy ? Detector.restore(oldDetector.snapshot(), options) : new Detector(options)
    if (isSamePolicy) return () => void this.useSettings(oldSettings)
    return () => {
      this.#adopt(oldSettings)
      this.#detector = oldDetector
      this.#together = oldTogether
    }
  }

  #adopt(settings: RunSettings): void {
    this.#settings = settings
    this.#reading = readOptions(settings)
    for (const [name, { recent }] of this.#readers)
      this.#readers.set(name, new LineReader(this.#reading, recent))
  }

  capture(): IntakeState {
    const sources = [...this.positions].map(([name, position]) => {
      return [name, { position, recent: this.#readers.get(name)?.recent ?? [] }] as const
    })
    return {
      policy: this.policy,
      detector: this.#detector.snapshot(),
      together: this.#together?.capture(),
      sources: new Map(sources),
      counts: this.counts,
      totals: this.totals.capture(),
    }
  }

  /** Throws where the detector refuses the snapshot; positions and counts are restored by then. */
  restore(state: IntakeState): void {
    for (const [name, { position, recent }] of state.sources) {
      this.positions.set(name, position)
      this.#readers.set(name, new LineReader(this.#reading, recent))
    }
    const { unparsed, ...counts } = state.counts
    Object.assign(this.counts, counts)
    Object.assign(this.counts.unparsed, unparsed)
    this.totals.restore(state.totals)
    if (state.policy !== this.policy)
      throw new Error(`it was made by policy ${state.policy}, this is ${this.policy}`)
    this.#together = this.#newTogether(state.together)
    this.#detector = Detector.restore(state.detector, this.#detectorOptions())
  }
}

function readOptions(settings: RunSettings): ReadOptions {
  return {
    zone: zoneNamed(settings.zone).offsetOfLocal,
    verdicts: settings.verdicts ?? DEFAULT_VERDICTS,
  }
}
