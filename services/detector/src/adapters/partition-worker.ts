/**
 * Partition worker: one partition's one owner. Folds in memory and commits state, offset and outbox in one step.
 *
 * The order of a message is the order of its safety: contacts acknowledged, state committed, alerts published, outbox
 * trimmed. Whatever dies in between, what was done is done again from the stored offset, and leads to the same.
 */
import {
  type Claim,
  type Extent,
  failpoint,
  faultpoint,
  type Mark,
  type Message,
  type PartitionName,
  type PartitionStore,
  QueueError,
  Reassign,
  withBackoff,
} from '@picket/runtime'
import type { DetectorProcessEvents } from '../process-events.ts'
import { MessageGroups } from './message-groups.ts'
import type { Outlet, PackedAlert } from './outlet.ts'
import type { LoggedAlert, Poison, Stage } from './stage.ts'

export interface WorkerOptions {
  readonly name: PartitionName
  readonly partition: number
  readonly store: PartitionStore
  readonly outlet: Outlet
  readonly events: DetectorProcessEvents
  readonly makeStage: (marks: readonly Mark[]) => Stage
  /** A commit ends after the message with which so many values have changed. */
  readonly changesPerCommit: number
}

/** A message at which the fold fails so often is set aside. */
const ATTEMPTS = 3

export class PartitionWorker {
  readonly #options: WorkerOptions
  readonly #abort = new AbortController()
  #stage: Stage
  #epoch = 0
  /** Where memory stands: the offset of the next message. */
  #next = 0
  /** What the store holds as offset; undefined before the first commit. */
  #stored: number | undefined
  /** Where memory stood when nothing of it was missing in the store. */
  #kept = 0
  #end = 0
  /** The broker's time of the last message folded. */
  #newest = 0
  #failing = { offset: -1, attempts: 0 }
  /** The store has spoken of where it stands since the last tick. */
  #hasHeard = true
  #isDisplaced = false

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#stage = options.makeStage([])
  }

  /** Messages that the partition holds and this worker has not committed. */
  get lag(): number {
    return Math.max(0, this.#end - this.#next)
  }

  /** How old the oldest message is that is not committed, about: it is no older than the last that was. */
  lagSeconds(now: number): number {
    return this.lag === 0 || this.#newest === 0 ? 0 : Math.max(0, now - this.#newest) / 1_000
  }

  get partition(): number {
    return this.#options.partition
  }

  get stage(): Stage {
    return this.#stage
  }

  /** A worker is made anew after each failed fold: the count goes on, or a bug at one message would hold up its partition for ever. */
  inherit(before: PartitionWorker): void {
    this.#failing = before.#failing
  }

  /** Takes the partition over; answers with the offset to read next. */
  async take(extent: Extent): Promise<number> {
    const { name, store, events, makeStage } = this.#options
    const claim = await this.#patiently(() => store.claim(name))
    this.#stage = makeStage(claim.marks)
    this.#epoch = claim.epoch
    this.#stored = claim.next
    this.#next = startOf(name, claim, extent)
    this.#kept = this.#next
    this.#end = extent.end
    if (claim.next === undefined && extent.end > extent.start) events.rebuilding(name, extent)
    events.claimed(name, claim.epoch, this.#next, extent)
    failpoint('detector.claimed')
    await this.#drain(claim)
    await this.#load()
    return this.#next
  }

  /** What an earlier owner had committed and perhaps not published. */
  async #drain(claim: Claim): Promise<void> {
    if (claim.outbox.length === 0) return
    const { outlet } = this.#options
    const packed = claim.outbox.map(({ value }) => outlet.unpack(value))
    await this.#patiently(() => outlet.publish(packed))
    await this.#trim(Math.max(...claim.outbox.map(({ place }) => place)))
  }

  async messages(messages: readonly Message[], end: number): Promise<void> {
    this.#end = end
    for (const group of new MessageGroups(messages)) await this.#takeGroup(group)
    if (this.#hasUncommitted()) await this.#commit()
  }

  #hasUncommitted(): boolean {
    return this.#next !== this.#kept
  }

  async #takeGroup(group: readonly Message[]): Promise<void> {
    const poison = this.#stage.read(group)
    for (const one of poison) await this.#setAside(one)
    await this.#load()
    const poisoned = new Set(poison.map(({ message }) => message.offset))
    for (const message of group) {
      if (!poisoned.has(message.offset)) await this.#fold(message)
      this.#next = message.offset + 1
      this.#newest = message.time
    }
    if (this.#stage.changed >= this.#options.changesPerCommit) await this.#commit()
  }

  /** Until nothing is missing: what is found may lead to more. */
  async #load(): Promise<void> {
    const { name, store, events } = this.#options
    for (let keys = this.#stage.missing(); keys.length > 0; keys = this.#stage.missing()) {
      const wanted = keys
      const began = performance.now()
      const values = await this.#patiently(() => store.load(name, wanted))
      events.stored('load', performance.now() - began)
      for (const [i, key] of wanted.entries()) this.#stage.adopt(key, values[i] ?? null)
    }
    failpoint('detector.loaded')
  }

  /** A fault of ours at one message must not hold up the others for ever: after a few tries it is set aside. */
  async #fold(message: Message): Promise<void> {
    const { events, name } = this.#options
    if (this.#failing.offset === message.offset && this.#failing.attempts >= ATTEMPTS) {
      await this.#setAside({ message, reason: 'fold-failed', detail: `the fold failed ${ATTEMPTS} times` })
      return
    }
    try {
      faultpoint('detector.fold', name, message.offset)
      this.#stage.fold(message)
    } catch (error) {
      const attempts = this.#failing.offset === message.offset ? this.#failing.attempts + 1 : 1
      this.#failing = { offset: message.offset, attempts }
      events.foldFailed(name, message.offset, error as Error)
      throw new Reassign(`${name}: the fold failed at offset ${message.offset}`, error)
    }
    failpoint('detector.folded')
  }

  async #setAside(poison: Poison): Promise<void> {
    await this.#patiently(() => this.#options.outlet.setAside(this.partition, poison))
    this.#options.events.deadLetter(poison.reason)
  }

  async #commit(): Promise<void> {
    const { name, store, outlet, events } = this.#options
    const onward = this.#stage.onward()
    if (onward.length > 0) await this.#patiently(() => outlet.passOn(onward))
    failpoint('detector.contacts-sent')
    const changes = this.#stage.changes()
    const packed = changes.alerts.map((alert) => outlet.pack(alert))
    const commit = {
      epoch: this.#epoch,
      expected: this.#stored,
      next: this.#next,
      puts: changes.puts,
      marks: changes.marks,
      outbox: packed.map(({ value }) => value),
    }
    const began = performance.now()
    const outcome = await this.#patiently(() => store.commit(name, commit))
    events.stored('commit', performance.now() - began)
    if (!outcome.done) {
      events.refused(name, outcome.reason)
      throw new Reassign(`${name}: the store refused a commit (${outcome.reason})`)
    }
    this.#stored = this.#next
    this.#kept = this.#next
    this.#hasHeard = true
    this.#stage.settle()
    failpoint('detector.committed')
    await this.#publish(changes.alerts, packed, outcome.place)
  }

  async #publish(
    alerts: readonly LoggedAlert[],
    packed: readonly PackedAlert[],
    place: number,
  ): Promise<void> {
    if (packed.length === 0) return
    await this.#patiently(() => this.#options.outlet.publish(packed))
    for (const alert of alerts) this.#options.events.alertPublished(alert)
    failpoint('detector.alerts-sent')
    await this.#trim(place + packed.length - 1)
  }

  async #trim(place: number): Promise<void> {
    const { name, store } = this.#options
    await this.#patiently(() => store.trim(name, this.#epoch, place))
    failpoint('detector.trimmed')
  }

  /**
   * What the clock asks for: watermarks for the next stage, and incidents as they stand for people who look. False when the
   * partition has to be taken anew.
   */
  async tick(now: number): Promise<boolean> {
    if (this.#abort.signal.aborted || this.#isDisplaced || this.#hasUncommitted()) return true
    if (!(await this.#isInPlace())) return false
    await this.#tell(now)
    return true
  }

  /** A store that fell back in time would be noticed at the next commit; here it is where there is none. */
  async #isInPlace(): Promise<boolean> {
    const wasHeard = this.#hasHeard
    this.#hasHeard = false
    if (wasHeard || this.#stored === undefined) return true
    const { name, store, events } = this.#options
    // One that cannot be asked now is asked again at the next tick.
    const ownership = await store.ownership(name, this.#epoch, this.#stored).catch(() => 'ours' as const)
    if (ownership === 'ours') return true
    this.#isDisplaced = true
    events.displaced(name, ownership)
    return false
  }

  async #tell(now: number): Promise<void> {
    const { name, store, outlet, events } = this.#options
    const onward = this.#stage.atTime(now, this.lag === 0)
    if (onward.length > 0) await this.#patiently(() => outlet.passOn(onward))
    const puts = this.#stage.views()
    if (puts.length === 0) return
    // Nothing depends on views, so a failure is only counted.
    await store.note(name, this.#epoch, puts).catch((error) => events.viewFailed(name, error as Error))
  }

  #patiently<T>(attempt: () => Promise<T>): Promise<T> {
    const onWait = (error: Error, count: number) =>
      this.#options.events.waiting(this.#options.name, error, count)
    return withBackoff(attempt, { signal: this.#abort.signal, onWait })
  }

  /** The partition is not ours any more: nothing is waited for. */
  abandon(): void {
    this.#abort.abort()
  }
}

/** Where to go on. An offset outside the log, also ahead of it, is a loud stop: kafkajs would silently jump. */
function startOf(name: PartitionName, claim: Claim, extent: Extent): number {
  const { next } = claim
  if (next === undefined) return extent.start
  if (next >= extent.start && next <= extent.end) return next
  const where =
    next < extent.start ? 'messages in between are gone (retention)' : 'the topic was cut or made anew'
  throw new QueueError(
    'out-of-range',
    `${name}: the store stands at offset ${next}, the topic holds ${extent.start} to ${extent.end}: ${where}; see docs/runbook.md#out-of-range`,
  )
}
