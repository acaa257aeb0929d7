/**
 * FleetFold: one partition of the fleet's packets, folded in the order of the log.
 *
 * What comes out (incidents, alerts, first contacts, totals) is a function of the messages in their order, the method and
 * the rules. Where memory was lost and restored, what was let go and loaded again, and where commits fell shows nowhere.
 *
 * For each fetched run of messages: `want` every packet, load what is `wanted`, `adopt` it; then for each message
 * `accept`, `beginMessage`, `observe` every packet, `endMessage`; in the end `takeChanges`, store them in one step, `settle`.
 * After an error thrown in between, memory is worth nothing: begin anew from the store.
 */
import { type Incident, type Packet, sourceKey } from '@picket/schemas'
import type { PartitionTotals } from '@picket/schemas/messages'
import { alertFor } from '../alert.ts'
import { evidenceOf } from '../evidence.ts'
import { foldInto, judge, tell } from '../judging.ts'
import { Lookout } from '../lookout.ts'
import { FOLDED, type Method, type Scan } from '../method.ts'
import { isFolded, type Observation } from '../observation.ts'
import { NO_RULES, type Rules } from '../rules/rules.ts'
import { addressOf } from '../scan.ts'
import { isOwn, RANKED } from '../together/contact.ts'
import { type Acceptance, type AgentMark, AgentMarks } from './agent-marks.ts'
import { EventClock } from './event-clock.ts'
import { FirstContacts } from './first-contacts.ts'
import type { FleetAlert } from './fleet-alert.ts'
import { HeldScans } from './held-scans.ts'
import { type ReporterClock, ReporterClocks } from './reporter-clocks.ts'
import { readStoredScan, ScanWriter, type StoredState } from './stored-scan.ts'
import { Totals } from './totals.ts'

export interface FleetFoldOptions<S extends Scan> {
  readonly method: Method<S>
  readonly rules?: Rules
  /** Scans kept in memory from one commit to the next. */
  readonly maxSources?: number
  /** As the store has them. */
  readonly totals?: PartitionTotals | undefined
  readonly marks?: Iterable<AgentMark>
  /** Keeps strangers from choosing addresses that collide; no result depends on it. */
  readonly seed?: number
}

/** `key` is the source's, one byte a UTF-16 unit; `value` a StoredScan as Avro. */
export interface ScanChange {
  readonly key: string
  readonly value: Uint8Array
  readonly ttlSeconds: number
}

export interface Changes {
  readonly scans: readonly ScanChange[]
  readonly totals: PartitionTotals
  readonly marks: readonly AgentMark[]
  readonly alerts: readonly FleetAlert[]
}

/** What the store had: nothing; a scan; bytes that are none; a scan of another policy. The last two are forgotten. */
export type Adoption = 'nothing' | 'adopted' | 'broken' | 'other-policy'

/** What one message led to, good until the next begins. */
export interface MessageOutcome {
  readonly contacts: FirstContacts
  readonly watermark: number
}

const MAX_SOURCES = 200_000
/** Incidents kept for `views` that are no longer in a scan. */
export const MOST_PASSED = 2000
const DAY_SECONDS = 86_400
/** For scans that are never over. */
const LONGEST_TTL_SECONDS = 3650 * DAY_SECONDS

export class FleetFold<S extends Scan = Scan> {
  readonly totals: Totals
  readonly clock: EventClock
  /** Packets of messages that their scan had been folded with before. */
  skipped = 0
  /** Incidents that ended or were let go while too many others waited to be viewed: views show them as they were before. */
  unviewed = 0
  private readonly method: Method<S>
  private readonly rules: Rules
  private readonly lookout: Lookout<S>
  private readonly held: HeldScans<S>
  private readonly marks: AgentMarks
  private readonly clocks = new ReporterClocks()
  private readonly contacts = new FirstContacts()
  private readonly writer: ScanWriter<S>
  private readonly wantedKeys = new Set<string>()
  /** Keys of which the store has nothing, as far as is known since `settle`. */
  private readonly absent = new Set<string>()
  private alerts: FleetAlert[] = []
  /** Slots of incidents that changed since `views` was asked, and incidents that can change no more. */
  private readonly unseen = new Set<number>()
  private passed: Incident[] = []
  private offset = -1
  private logged = 0
  private isCounted = true

  constructor(options: FleetFoldOptions<S>) {
    this.method = options.method
    this.writer = new ScanWriter(options.method)
    this.rules = options.rules ?? NO_RULES
    this.lookout = new Lookout(options.method, this.rules)
    this.held = new HeldScans(options.method, options.maxSources ?? MAX_SOURCES, options.seed ?? 0)
    this.totals = new Totals(options.totals)
    this.clock = new EventClock(options.totals?.to ?? 0)
    this.marks = new AgentMarks(options.marks)
  }

  /** Scans in memory. */
  get tracked(): number {
    return this.held.size
  }

  get evicted(): number {
    return this.held.evicted
  }

  /** Notes that the packet is about to be observed, and needs the scan of its source. */
  want(packet: Packet): void {
    if (this.held.find(packet.src) >= 0 || !isFolded(this.lookout.look(packet))) return
    const key = sourceKey(packet.src)
    if (!this.absent.has(key)) this.wantedKeys.add(key)
  }

  /** The keys of scans that are wanted, and neither held nor adopted. */
  wanted(): string[] {
    return [...this.wantedKeys]
  }

  /** Takes in what the store has under a wanted key; null when it has nothing. */
  adopt(key: string, stored: Uint8Array | null): Adoption {
    this.wantedKeys.delete(key)
    if (stored === null) return this.forget(key, 'nothing')
    const state = readStoredScan(stored)
    return state === undefined ? this.forget(key, 'broken') : this.adoptState(key, state)
  }

  /** As `adopt`, of a StoredScan that was decoded elsewhere. */
  adoptState(key: string, stored: StoredState): Adoption {
    this.wantedKeys.delete(key)
    if (stored.policy !== this.method.name) return this.forget(key, 'other-policy')
    const scan = this.method.restore(stored.state)
    if (scan === undefined) return this.forget(key, 'broken')
    const source = addressOf(scan)
    const isHeld = this.held.find(source) >= 0
    if (sourceKey(source) === key && !isHeld) this.held.add(source, scan, stored.offset)
    else this.method.close?.(scan)
    return sourceKey(source) === key ? 'adopted' : this.forget(key, 'broken')
  }

  /** Takes in a batch by its number. Of a `repeat` nothing else may be done but go on behind it. */
  accept(agent: string, number: number, offset: number): Acceptance {
    const before = this.marks.numberOf(agent) ?? 0
    const acceptance = this.marks.accept(agent, number, offset)
    if (!this.totals.isNew(offset)) return acceptance
    if (acceptance === 'gap') this.totals.missing += number - before - 1
    if (acceptance === 'repeat') this.totals.repeated++
    return acceptance
  }

  /** `logged`: when the broker took the message. */
  beginMessage(offset: number, logged: number): void {
    this.offset = offset
    this.logged = logged
    this.isCounted = this.totals.isNew(offset)
    this.clock.beginMessage(logged)
    this.contacts.clear()
    this.held.beginMessage()
  }

  observe(packet: Packet): Observation {
    const time = this.clock.take(packet.time)
    const observation = this.lookout.look(packet)
    if (isFolded(observation)) this.fold(packet, observation, this.lookout.assigned, time)
    if (this.isCounted) this.totals.add(packet, observation, time, this.clock)
    this.clocks.see(packet.reporter, packet.time - this.logged, this.clock.isAhead)
    return observation
  }

  endMessage(): MessageOutcome {
    for (const slot of this.held.touched) {
      const scan = this.held.scanAt(slot)
      if (scan.level > 0) this.unseen.add(slot)
      if (this.isCounted) this.totals.see(scan)
    }
    if (this.isCounted) this.totals.endMessage(this.offset)
    return { contacts: this.contacts, watermark: this.clock.watermark }
  }

  /** Everything that changed since last taken. Between messages only. */
  takeChanges(): Changes {
    const scans: ScanChange[] = []
    this.held.takeChanged((scan, offset) => {
      const value = this.writer.write(scan, offset)
      scans.push({ key: sourceKey(addressOf(scan)), value, ttlSeconds: this.ttlOf(scan) })
    })
    const { alerts } = this
    this.alerts = []
    return { scans, totals: this.totals.toStored(this.clock.newest), marks: this.marks.take(), alerts }
  }

  /** Scans changed since they were last taken. */
  get changed(): number {
    return this.held.changed.length
  }

  /** Everything taken is stored, and no packet is wanted that has not been observed: memory may be given back. */
  settle(): void {
    this.absent.clear()
    this.held.settle((slot) => this.pass(slot))
  }

  /** Incidents that changed since last asked, as they stand; at most so many. */
  views(most: number): Incident[] {
    const views = this.passed.splice(0, most)
    for (const slot of this.unseen) {
      if (views.length >= most) break
      this.unseen.delete(slot)
      views.push(this.method.incident(this.held.scanAt(slot)))
    }
    return views
  }

  /** How the clocks of reporters differ from the broker's. */
  reporterClocks(): ReporterClock[] {
    return this.clocks.all()
  }

  private forget(key: string, adoption: Adoption): Adoption {
    this.absent.add(key)
    return adoption
  }

  private fold(packet: Packet, observation: Observation, assigned: number, time: number): void {
    const known = this.held.find(packet.src)
    const slot = known >= 0 ? known : this.openFor(packet, time)
    if (!this.held.touch(slot, this.offset)) {
      this.skipped += packet.count
      return
    }
    if (known >= 0 && this.method.isOver(this.held.scanAt(slot), time)) this.beginStory(slot, packet, time)
    const scan = this.held.scanAt(slot)
    const folded = foldInto(this.method, scan, packet, observation, assigned, time)
    if ((folded & FOLDED.contact) !== 0) this.seeContact(scan, packet, time)
    const changed = (folded & FOLDED.changed) !== 0
    if (changed && judge(this.method, scan)) this.tell(scan, packet, time)
    this.held.use(slot, changed ? this.method.tier(scan) : this.held.tierAt(slot))
  }

  private openFor(packet: Packet, time: number): number {
    const key = sourceKey(packet.src)
    if (!this.absent.delete(key)) throw new Error('A packet was observed whose source was not wanted first')
    return this.held.add(packet.src, this.method.open(packet, time), NEVER)
  }

  /** In the place of the source's story that is over. */
  private beginStory(slot: number, packet: Packet, time: number): void {
    this.pass(slot)
    this.held.replace(slot, this.method.open(packet, time))
  }

  /** The incident of this slot changes no more. */
  private pass(slot: number): void {
    if (!this.unseen.delete(slot)) return
    if (this.passed.length >= MOST_PASSED) this.unviewed++
    else this.passed.push(this.method.incident(this.held.scanAt(slot)))
  }

  private seeContact(scan: S, packet: Packet, time: number): void {
    const rank = this.method.contacts(scan)
    if (rank <= RANKED && !isOwn(this.rules, packet)) this.contacts.add(packet, time, rank)
  }

  private tell(scan: S, packet: Packet, time: number): void {
    const alarm = tell(scan)
    const alert = alertFor(alarm, scan.revision, time, this.method.incident(scan))
    this.alerts.push({ ...alert, logged: this.logged, evidence: [evidenceOf(packet, time)] })
  }

  private ttlOf(scan: S): number {
    const seconds = Math.ceil(this.method.lasts(scan) / 1000) + DAY_SECONDS
    return Math.min(seconds, LONGEST_TTL_SECONDS)
  }
}

/** Offset of a scan that no message has been folded into. */
const NEVER = -1
