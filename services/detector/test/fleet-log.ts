/** Random logs of a partition for tests, and a detector that reads them over a store that survives it. */
import { type Incident, type Packet, sourceKey } from '@picket/schemas'
import type { PartitionTotals } from '@picket/schemas/messages'
import type { AgentMark } from '../src/detect/fleet/agent-marks.ts'
import type { FleetAlert } from '../src/detect/fleet/fleet-alert.ts'
import { type Changes, FleetFold, type FleetFoldOptions } from '../src/detect/fleet/fleet-fold.ts'
import type { LogMessage } from '../src/detect/fleet/fold-log.ts'
import type { Scan } from '../src/detect/method.ts'
import type { Contact } from '../src/detect/together/contact.ts'

export interface BatchMessage extends LogMessage {
  readonly packets: readonly Packet[]
}

export function messageOf(
  packets: readonly Packet[],
  parts: Omit<BatchMessage, 'packets' | 'each'>,
): BatchMessage {
  return { ...parts, packets, each: (visit) => packets.forEach(visit) }
}

/** What a partition's store holds; everything in it is replaced in one step. */
export interface Kept {
  readonly scans: Map<string, Uint8Array>
  readonly marks: Map<string, AgentMark>
  readonly alerts: FleetAlert[]
  readonly views: Map<string, Incident>
  /** Of a message's offset, as the stage of many sources would keep them. */
  readonly contacts: Map<number, unknown[]>
  totals: PartitionTotals | undefined
  next: number
}

export function nothingKept(): Kept {
  return {
    scans: new Map(),
    marks: new Map(),
    alerts: [],
    views: new Map(),
    contacts: new Map(),
    totals: undefined,
    next: 0,
  }
}

/** A detector of one partition: memory over what is kept. */
export class Reader<S extends Scan> {
  readonly fold: FleetFold<S>
  private readonly kept: Kept
  private next: number

  constructor(kept: Kept, options: FleetFoldOptions<S>) {
    this.kept = kept
    this.next = kept.next
    this.fold = new FleetFold({ ...options, totals: kept.totals, marks: kept.marks.values() })
  }

  read(message: BatchMessage): void {
    const { agent, number, offset, logged } = message
    if (offset < this.next) throw new Error(`${offset} is read, and ${this.next} is next`)
    this.next = offset + 1
    if (this.fold.accept(agent, number, offset) === 'repeat') return
    for (const packet of message.packets) this.fold.want(packet)
    for (const key of this.fold.wanted()) this.fold.adopt(key, this.kept.scans.get(key) ?? null)
    this.fold.beginMessage(offset, logged)
    for (const packet of message.packets) this.fold.observe(packet)
    const { contacts, watermark } = this.fold.endMessage()
    this.kept.contacts.set(offset, Array.from(contacts, copyContact))
    if (Number.isNaN(watermark)) throw new Error('No watermark')
  }

  commit(): Changes {
    const changes = this.fold.takeChanges()
    for (const { key, value } of changes.scans) this.kept.scans.set(key, value.slice())
    for (const mark of changes.marks) this.kept.marks.set(mark.name, mark)
    this.kept.alerts.push(...changes.alerts)
    this.kept.totals = structuredClone(changes.totals)
    this.kept.next = this.next
    for (const view of this.fold.views(Number.POSITIVE_INFINITY)) this.kept.views.set(view.id, view)
    this.fold.settle()
    return changes
  }
}

function copyContact({ source, host, ...plain }: Contact): unknown {
  return { ...plain, source: sourceKey(source), host: [...host] }
}
