/**
 * Teller: tells the alerts of one partition's outbox, one after the other, and takes each off once it is told.
 *
 * It works beside the reading, so a slow reader of alerts does not hold up the record of incidents until a thousand wait.
 * A crash between telling and taking off tells an alert again, with the same id; it is never lost.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { failpoint } from '@picket/runtime'
import { alertOf } from '@picket/schemas/messages'
import type { FleetEvents, ResponderEvents } from '../events.ts'
import type { CarryingOut, Response } from '../response.ts'
import type { AlertSink } from './alert-sink.ts'
import type { Seat } from './seat.ts'
import type { DecidedAlert } from './stored-values.ts'

export interface Untold {
  readonly place: number
  readonly decided: DecidedAlert
}

interface Waiting extends Untold {
  readonly underWay: CarryingOut | undefined
}

export interface TellerOptions {
  readonly sinks: readonly AlertSink[]
  readonly events: FleetEvents
  readonly sinkEvents: ResponderEvents
  /** Undefined: the sinks are all there is. */
  readonly response: Response | undefined
}

const MOST_WAITING = 1_000
const RETRY_MS = 500
const ROOM_MS = 500
/** How long an alert that nobody takes may hold up handing over the partition. */
const LEAVE_MS = 1_000

/** Whoever takes alerts does not keep up; reading goes on when it does. */
export class TellingIsSlow extends Error {
  override readonly name = 'TellingIsSlow'
  readonly reason = 'slow-reader'
  readonly retryable = true

  constructor(waiting: number) {
    super(`${waiting} alerts wait to be told`)
  }
}

export class Teller {
  readonly #options: TellerOptions
  readonly #seat: Seat
  readonly #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #hasLeft = false
  #wake: (() => void) | undefined

  constructor(options: TellerOptions, seat: Seat) {
    this.#options = options
    this.#seat = seat
  }

  get waiting(): number {
    return this.#waiting.length
  }

  add(all: readonly Untold[]): void {
    const { response } = this.#options
    const { partition } = this.#seat
    for (const untold of all)
      this.#waiting.push({ ...untold, underWay: response?.carryOut(untold.decided, partition) })
    if (this.#waiting.length > 0) this.#running ??= this.#run()
  }

  /** Rejects, to be tried again, where there is none for a while: who waits longer could not be taken the partition. */
  async room(): Promise<void> {
    if (this.#waiting.length < MOST_WAITING) return
    const late = new AbortController()
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    await Promise.race([woken, pause(ROOM_MS, undefined, { signal: late.signal }).catch(() => undefined)])
    late.abort()
    if (this.#waiting.length >= MOST_WAITING) throw new TellingIsSlow(this.#waiting.length)
  }

  async #run(): Promise<void> {
    for (let first = this.#waiting[0]; first !== undefined && !this.#hasLeft; first = this.#waiting[0]) {
      await this.#tell(first)
      if (!(await this.#carryOut(first))) break
      failpoint('responder.told')
      if (!(await this.#takeOff(first))) this.#hasLeft = true
      this.#waiting.shift()
      this.#wake?.()
    }
    this.#running = undefined
  }

  async #tell({ decided: { alert, isNews } }: Untold): Promise<void> {
    const { sinks, events, sinkEvents } = this.#options
    if (!isNews) return
    const told = alertOf(alert)
    const tellOne = async (sink: AlertSink): Promise<void> => {
      try {
        await sink.tell(told)
        sinkEvents.alertTold(sink.name)
      } catch (error) {
        sinkEvents.alertFailed(sink.name, error as Error)
      }
    }
    await Promise.all(sinks.map(tellOne))
    events.alertTold(alert.time, alert.logged)
  }

  /** Tries until the ban is kept and the notices are queued. False when the partition was left meanwhile. */
  async #carryOut({ underWay }: Waiting): Promise<boolean> {
    while (!this.#hasLeft) {
      try {
        await underWay?.tell()
        return true
      } catch (error) {
        this.#options.events.storeFailed(error as Error)
        await pause(RETRY_MS)
      }
    }
    return false
  }

  /** False when the partition is another's by now: it tells what is left. */
  async #takeOff({ place }: Untold): Promise<boolean> {
    while (!this.#hasLeft) {
      try {
        return await this.#seat.trim(place)
      } catch (error) {
        this.#options.events.storeFailed(error as Error)
        await pause(RETRY_MS)
      }
    }
    return false
  }

  /** Only what is under way is waited for; the rest stays in the store, for whoever owns the partition next. */
  async leave(): Promise<void> {
    this.#waiting.splice(1)
    this.#wake?.()
    const late = new AbortController()
    const deadline = pause(LEAVE_MS, undefined, { signal: late.signal }).catch(() => undefined)
    await Promise.race([this.#running, deadline])
    late.abort()
    this.#hasLeft = true
  }
}
