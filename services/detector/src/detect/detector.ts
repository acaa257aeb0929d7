/**
 * Detector: packets in, incidents and alerts out. Drives one method over a bounded table of sources.
 *
 * Its output is a function of the packets in their order, the method and the rules: no clock, no randomness.
 * Only eviction and the seed of the table depend on the machine, and neither shows until memory runs out.
 */
import type { Alert, Incident, Packet } from '@picket/schemas'
import { alertFor } from './alert.ts'
import { EndedIncidents } from './ended-incidents.ts'
import { evidenceOf } from './evidence.ts'
import { worstFirst } from './incident-order.ts'
import { foldInto, judge, tell } from './judging.ts'
import { Lookout } from './lookout.ts'
import { FOLDED, type Method, type Scan, type Tier } from './method.ts'
import { isFolded, OBSERVATIONS, type Observation } from './observation.ts'
import { NO_RULES, type Rules } from './rules/rules.ts'
import { SourceTable } from './source-table.ts'
import { SteadyTime } from './steady-time.ts'
import { type Contact, fillContact, isOwn, newContact, RANKED } from './together/contact.ts'

export interface DetectorOptions<S extends Scan> {
  readonly method: Method<S>
  readonly rules?: Rules
  /** Sources held at once. */
  readonly maxSources?: number
  /** Ended incidents kept for the report. */
  readonly maxEnded?: number
  readonly onAlert?: (alert: Alert) => void
  /** Told of the first contacts of each source, for what many sources do together; the object is used again. */
  readonly onContact?: (contact: Contact) => void
  /** Keeps strangers from choosing addresses that collide; any number, and no result depends on it. */
  readonly seed?: number
}

export const MAX_SOURCES = 200_000
export const MAX_ENDED = 10_000

export interface Counts {
  packets: number
  readonly observed: Record<Observation, number>
  /** Sources pushed out for want of memory, by tier; those of tier 2 are kept as ended incidents. */
  readonly evicted: [number, number, number]
}

export class Detector<S extends Scan = Scan> {
  readonly counts: Counts
  private readonly method: Method<S>
  private readonly rules: Rules
  private readonly lookout: Lookout<S>
  private readonly onAlert: ((alert: Alert) => void) | undefined
  private readonly onContact: ((contact: Contact) => void) | undefined
  private readonly contact: Contact = newContact()
  private readonly table: SourceTable<S>
  private readonly ended: EndedIncidents
  private readonly steady: SteadyTime = new SteadyTime()
  /** The newest event time, which stands in where a packet has none. */
  private latest = 0

  constructor(options: DetectorOptions<S>) {
    this.method = options.method
    this.rules = options.rules ?? NO_RULES
    this.lookout = new Lookout(options.method, this.rules)
    this.onAlert = options.onAlert
    this.onContact = options.onContact
    this.table = new SourceTable(options.maxSources ?? MAX_SOURCES, options.seed ?? 0)
    this.ended = new EndedIncidents(options.maxEnded ?? MAX_ENDED)
    this.counts = { packets: 0, observed: noObservations(), evicted: [0, 0, 0] }
  }

  /** Sources held now. */
  get tracked(): number {
    return this.table.size
  }

  /** Folds a packet into the scan of its source, and judges that scan. */
  observe(packet: Packet): Observation {
    const observation = this.look(packet)
    if (!packet.again) this.counts.packets += packet.count
    // Nearly all; a name that V8 knows beforehand is found ten times as fast.
    if (observation === 'probe') this.counts.observed.probe += packet.count
    else this.counts.observed[observation] += packet.count
    return observation
  }

  /** The scan of a packet's source or of any address, while it is held. */
  scanOf(source: Int32Array): S | undefined {
    const slot = this.table.find(source)
    return slot < 0 ? undefined : this.table.scanAt(slot)
  }

  /** Why this source has its level, or what is missing for one. */
  reasonsOf(source: Int32Array): string[] {
    const scan = this.scanOf(source)
    return scan === undefined ? [] : this.method.reasons(scan)
  }

  /** The open incident of a source. */
  incidentOf(source: Int32Array): Incident | undefined {
    const scan = this.scanOf(source)
    return scan === undefined || scan.level === 0 ? undefined : this.method.incident(scan)
  }

  /** Open and ended, the worst first. */
  incidents(): Incident[] {
    const open: Incident[] = []
    for (const [scan] of this.table.entries()) if (scan.level > 0) open.push(this.method.incident(scan))
    return [...open, ...this.ended.all()].sort(worstFirst)
  }

  /** A plain value: `restore` of it goes on exactly where this detector stands. */
  snapshot(): unknown {
    const sources = [...this.table.entries()].map(([scan, tier]) => [tier, this.method.pack(scan)])
    return {
      method: this.method.name,
      latest: this.latest,
      openings: this.steady.pack(),
      counts: structuredClone(this.counts),
      sources,
      ended: this.ended.all(),
    }
  }

  static restore<S extends Scan>(snapshot: unknown, options: DetectorOptions<S>): Detector<S> {
    const saved = snapshot as Snapshot
    if (saved.method !== options.method.name) {
      throw new Error(
        `The snapshot was made under policy ${saved.method}, not ${options.method.name}: remove it to start anew`,
      )
    }
    const detector = new Detector(options)
    detector.latest = saved.latest
    detector.steady.unpack(saved.openings)
    Object.assign(detector.counts, structuredClone(saved.counts))
    for (const [tier, packed] of saved.sources) detector.adopt(options.method.unpack(packed), tier)
    for (const incident of saved.ended) detector.ended.add(incident)
    return detector
  }

  private look(packet: Packet): Observation {
    const observation = this.lookout.look(packet)
    if (isFolded(observation)) this.fold(packet, observation, this.lookout.assigned)
    return observation
  }

  private fold(packet: Packet, observation: Observation, assigned: number): void {
    const time = this.timeOf(packet)
    const slot = this.slotFor(packet, time)
    const scan = this.table.scanAt(slot)
    const folded = foldInto(this.method, scan, packet, observation, assigned, time)
    if ((folded & FOLDED.contact) !== 0) this.tellContact(scan, packet, time)
    const changed = (folded & FOLDED.changed) !== 0
    if (changed && judge(this.method, scan)) this.tellRise(scan, packet, time)
    this.table.touch(slot, changed ? this.method.tier(scan) : this.table.tierAt(slot))
  }

  /** An incident in words costs more than a hundred packets: none is made where nobody listens. */
  private tellRise(scan: S, packet: Packet, time: number): void {
    const alarm = tell(scan)
    if (this.onAlert === undefined) return
    const alert = alertFor(alarm, scan.revision, time, this.method.incident(scan))
    this.onAlert({ ...alert, evidence: [evidenceOf(packet, time)] })
  }

  /** Of the contact that the packet has led to, while its source has few. */
  private tellContact(scan: S, packet: Packet, time: number): void {
    if (this.onContact === undefined) return
    const rank = this.method.contacts(scan)
    if (rank > RANKED || isOwn(this.rules, packet)) return
    fillContact(this.contact, packet, time, rank)
    this.onContact(this.contact)
  }

  private timeOf(packet: Packet): number {
    if (Number.isNaN(packet.time)) return this.latest
    if (packet.time > this.latest) this.latest = packet.time
    return packet.time
  }

  private slotFor(packet: Packet, time: number): number {
    const slot = this.table.find(packet.src)
    if (slot >= 0) {
      if (!this.method.isOver(this.table.scanAt(slot), time)) return slot
      this.end(slot)
    }
    this.forgetOver(this.steady.see(time))
    if (this.table.isFull) this.evict()
    return this.table.add(packet.src, this.method.open(packet, time), 0)
  }

  /** Each new source pays for one that is over, so that old ones go though nobody asks for them. */
  private forgetOver(time: number): void {
    for (let tier = 0; tier < 3; tier++) {
      const slot = this.table.oldestOf(tier as Tier)
      if (slot >= 0 && this.method.isOver(this.table.scanAt(slot), time)) this.end(slot)
    }
  }

  private evict(): void {
    const slot = this.table.cheapest()
    this.counts.evicted[this.table.tierAt(slot)]++
    this.end(slot)
  }

  private end(slot: number): void {
    const scan = this.table.scanAt(slot)
    if (scan.level > 0) this.ended.add(this.method.incident(scan))
    this.table.remove(slot)
    this.method.close?.(scan)
  }

  private adopt(scan: S, tier: Tier): void {
    const source = Int32Array.of(scan.word0, scan.word1, scan.word2, scan.word3)
    if (this.table.isFull) this.evict()
    this.table.add(source, scan, tier)
  }
}

interface Snapshot {
  readonly method: string
  readonly latest: number
  /** When the last sources were first seen, see SteadyTime. */
  readonly openings: readonly number[]
  readonly counts: Counts
  readonly sources: readonly (readonly [Tier, unknown])[]
  readonly ended: readonly Incident[]
}

function noObservations(): Record<Observation, number> {
  return Object.fromEntries(OBSERVATIONS.map((name) => [name, 0])) as Record<Observation, number>
}
