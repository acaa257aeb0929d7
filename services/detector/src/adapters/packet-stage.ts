/**
 * Packet stage: batches of packets into the scans of their sources. The fold itself is pure and in `detect/fleet`; here its
 * inputs are decoded and its outputs get their keys.
 */
import type { Message, Put, StoreKey } from '@picket/runtime'
import { hashText, type Incident, LOW_SEED, newPacket } from '@picket/schemas'
import {
  alertMessage,
  BatchReader,
  MESSAGES,
  type PacketBatch,
  type PartitionTotals,
} from '@picket/schemas/messages'
import type { AgentMark } from '../detect/fleet/agent-marks.ts'
import type { FleetAlert } from '../detect/fleet/fleet-alert.ts'
import { FleetFold } from '../detect/fleet/fleet-fold.ts'
import type { ReporterClock } from '../detect/fleet/reporter-clocks.ts'
import type { Method } from '../detect/method.ts'
import type { Rules } from '../detect/rules/rules.ts'
import { ContactWriter } from './contact-writer.ts'
import { SCAN, TOTALS, VIEW } from './keys.ts'
import type { Changes, Onward, Poison, Stage, StageNumbers } from './stage.ts'
import { NO_NUMBERS, numbersSince } from './stage-numbers.ts'

export interface PacketStageOptions {
  readonly partition: number
  readonly contactPartitions: number
  readonly method: Method
  readonly rules: Rules
  readonly sourcesPerPartition: number
  readonly seed: number
  readonly marks: readonly AgentMark[]
}

const DAY_SECONDS = 86_400
const TOTALS_TTL_SECONDS = 3650 * DAY_SECONDS
/** As long as alerts are kept on their topic. */
const VIEW_TTL_SECONDS = 31 * DAY_SECONDS
const VIEWS_AT_ONCE = 200
/** A partition without traffic vouches for the time before this, lest it hold up what all do together. */
const IDLE_MS = 10_000

export class PacketStage implements Stage {
  readonly #options: PacketStageOptions
  readonly #contacts: ContactWriter
  readonly #reader = new BatchReader()
  readonly #packet = newPacket()
  readonly #inputs: Map<string, number> = new Map()
  readonly #batches: Map<number, PacketBatch> = new Map()
  #fold: FleetFold | undefined
  #onward: Onward[] = []
  #watermark = Number.NEGATIVE_INFINITY
  #toldWatermark = Number.NEGATIVE_INFINITY
  #lastFold = 0
  #forgotten = 0
  #before: StageNumbers = NO_NUMBERS

  constructor(options: PacketStageOptions) {
    this.#options = options
    this.#contacts = new ContactWriter(options.partition, options.contactPartitions, options.seed)
  }

  missing(): readonly StoreKey[] {
    if (this.#fold === undefined) return [TOTALS]
    return this.#fold.wanted().map((key) => SCAN + key)
  }

  adopt(key: StoreKey, value: Uint8Array | null): void {
    if (key === TOTALS) {
      this.#fold = this.#open(value)
      this.#before = structuredClone(this.#numbersOf(this.#fold))
      return
    }
    const adoption = this.#folding.adopt(key.slice(SCAN.length), value)
    if (adoption === 'broken' || adoption === 'other-policy') this.#forgotten++
  }

  #open(stored: Uint8Array | null): FleetFold {
    const { method, rules, sourcesPerPartition, seed, marks } = this.#options
    const totals = stored === null ? undefined : readTotals(stored)
    return new FleetFold({ method, rules, maxSources: sourcesPerPartition, seed, marks, totals })
  }

  get #folding(): FleetFold {
    if (this.#fold === undefined) throw new Error('the totals were not adopted: ask missing() first')
    return this.#fold
  }

  read(messages: readonly Message[]): readonly Poison[] {
    const poison: Poison[] = []
    for (const message of messages) {
      const fault = this.#readOne(message)
      if (fault !== undefined) poison.push({ message, ...fault })
    }
    return poison
  }

  #readOne({ offset, value }: Message): Pick<Poison, 'reason' | 'detail'> | undefined {
    if (value === null) return { reason: 'not-ours', detail: 'a tombstone' }
    const decoded = MESSAGES.packetBatch.decode(value)
    if (!decoded.ok) return decoded
    const fold = this.#folding
    const outcome = this.#reader.read(decoded.value, this.#packet, 0, (packet) => fold.want(packet))
    if (!outcome.ok) return outcome
    this.#batches.set(offset, decoded.value)
    return undefined
  }

  fold({ offset, time }: Message): void {
    const batch = this.#batches.get(offset) as PacketBatch
    this.#batches.delete(offset)
    const fold = this.#folding
    if (fold.accept(batch.agent, batch.number, offset) === 'repeat') return
    fold.beginMessage(offset, time)
    this.#reader.readAgain(batch, this.#packet, this.#inputOf(batch.agent), (packet) => {
      fold.observe(packet)
    })
    const { contacts, watermark } = fold.endMessage()
    this.#watermark = Math.max(this.#watermark, watermark)
    this.#lastFold = time
    if (contacts.size === 0) return
    for (const contact of contacts) this.#contacts.add(contact)
    this.#onward.push(...this.#contacts.take(offset, this.#watermark))
  }

  /** Stands for the agent and the partition in the identity of packets. */
  #inputOf(agent: string): number {
    const known = this.#inputs.get(agent)
    if (known !== undefined) return known
    const input = hashText(`${agent} ${this.#options.partition}`, LOW_SEED)
    this.#inputs.set(agent, input)
    return input
  }

  onward(): readonly Onward[] {
    const onward = this.#onward
    this.#onward = []
    return onward
  }

  get changed(): number {
    return this.#folding.changed
  }

  changes(): Changes {
    const { scans, totals, marks, alerts } = this.#folding.takeChanges()
    const puts: Put[] = scans.map(({ key, value, ttlSeconds }) => ({ key: SCAN + key, value, ttlSeconds }))
    puts.push({ key: TOTALS, value: MESSAGES.partitionTotals.encode(totals), ttlSeconds: TOTALS_TTL_SECONDS })
    return { puts, marks, alerts: alerts.map(loggedAlert) }
  }

  settle(): void {
    this.#folding.settle()
  }

  views(): readonly Put[] {
    return this.#folding.views(VIEWS_AT_ONCE).map(viewOf)
  }

  atTime(now: number, isIdle: boolean): readonly Onward[] {
    if (isIdle && now - this.#lastFold > IDLE_MS) this.#watermark = Math.max(this.#watermark, now - IDLE_MS)
    if (this.#watermark <= this.#toldWatermark) return []
    this.#toldWatermark = this.#watermark
    return this.#contacts.watermarks(this.#watermark)
  }

  /** Since the partition is ours. */
  clocks(): readonly ReporterClock[] {
    return this.#fold?.reporterClocks() ?? []
  }

  get numbers(): StageNumbers {
    return this.#fold === undefined ? NO_NUMBERS : numbersSince(this.#before, this.#numbersOf(this.#fold))
  }

  #numbersOf(fold: FleetFold): StageNumbers {
    const { late, ahead, missing, repeated, observed } = fold.totals
    return {
      sources: fold.tracked,
      evicted: fold.evicted,
      late,
      ahead,
      missing,
      repeated,
      replayed: fold.skipped,
      forgotten: this.#forgotten,
      observed,
    }
  }
}

function readTotals(stored: Uint8Array): PartitionTotals | undefined {
  const decoded = MESSAGES.partitionTotals.decode(stored)
  return decoded.ok ? decoded.value : undefined
}

function loggedAlert({ logged, ...alert }: FleetAlert): Changes['alerts'][number] {
  return { alert, logged }
}

/** The incident as it stands, which may be newer than its last alert; revision 0 tells it from one. */
function viewOf(incident: Incident): Put {
  const view = alertMessage({ id: incident.id, revision: 0, rose: [], time: incident.lastSeen, incident })
  return { key: VIEW + incident.id, value: MESSAGES.alert.encode(view), ttlSeconds: VIEW_TTL_SECONDS }
}
