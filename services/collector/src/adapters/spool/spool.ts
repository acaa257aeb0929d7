/**
 * Spool: sealed batches, from the moment they are sealed until the broker has them.
 *
 * A batch is handed out by `next` once it is durable, always the oldest of its partition that is not acknowledged.
 * At the cap in bytes or age whole segments go, oldest first; what that costs is counted, and shows for ever as a
 * gap in the batches' numbers.
 */
import { crc32, failpoint } from '@picket/runtime'
import type { SpoolEvents } from '../../spool-events.ts'
import type { Position } from '../log-source.ts'
import type { Recent } from '../recent-lines.ts'
import { FreshBatches } from './fresh-batches.ts'
import { writeIdentity } from './identity.ts'
import type { Segment } from './segment.ts'
import { type Found, SegmentList, type Sum } from './segment-list.ts'
import { SpoolLog } from './spool-log.ts'
import type { DueBatch, SpoolParts } from './spool-parts.ts'
import type { Seal } from './spool-record.ts'
import type { SpoolState } from './spool-state.ts'

const TICK_MS = 1_000
const SEGMENT_BYTES = 8 * 1024 * 1024
/** More than a clock that is kept moves between two looks. */
const JUMP_MS = 5_000
const HOUR_MS = 3_600_000
/** From here on unsealed packets fold harder. */
const NEARLY = 7 / 8

export class Spool {
  readonly #parts: SpoolParts
  readonly #state: SpoolState
  readonly #events: SpoolEvents
  readonly #list: SegmentList
  readonly #log: SpoolLog
  readonly #fresh = new FreshBatches()
  readonly #reserved: number[]
  /** Place of the batch that `next` gave out last, by partition; it may be under way. */
  readonly #handed: number[]
  #backlog: Sum
  #timer: NodeJS.Timeout | undefined
  #wasHeld = false
  #clock = { now: Date.now(), monotonic: performance.now() }
  /** A batch has become durable. */
  onDurable: () => void = () => {}
  /** `isHeld` has changed. */
  onHeld: () => void = () => {}

  constructor(parts: SpoolParts, events: SpoolEvents) {
    const { options, state } = parts
    this.#parts = parts
    this.#state = state
    this.#events = events
    this.#list = new SegmentList(parts.segments)
    this.#reserved = [...state.next]
    this.#handed = [...state.acknowledged]
    this.#backlog = this.#list.sumAbove(state.acknowledged)
    const segmentBytes = options.segmentBytes ?? Math.min(SEGMENT_BYTES, Math.floor(options.maxBytes / 8))
    const segmentMs = Math.min(HOUR_MS, options.maxAgeMs / 8)
    this.#log = new SpoolLog(
      { path: options.path, segmentBytes, segmentMs, number: parts.number },
      state,
      events,
      {
        begun: (segment) => this.#list.push(segment),
        settled: (seal, segment, at) => this.#settled(seal, segment, at),
        synced: () => this.#synced(),
        rolled: () => this.#rolled(),
      },
    )
  }

  /** Before the first append; throws where the folder cannot be written to at all. */
  async start(): Promise<void> {
    await this.#log.start()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  get agent(): string {
    return this.#state.agent
  }

  get positions(): ReadonlyMap<string, Position> {
    return this.#state.positions
  }

  recent(source: string): readonly Recent[] {
    return this.#state.recent(source)
  }

  /** Gives out the place of the partition's next batch, and the number that the agent calls it by. */
  reserve(partition: number): { readonly place: number; readonly number: number } {
    const place = this.#reserved[partition] ?? 1
    this.#reserved[partition] = place + 1
    return { place, number: this.#state.numberOf(partition, place) }
  }

  append(seal: Seal): void {
    this.#log.append(seal)
    this.#noticeHeld()
  }

  /** No more can be taken before the disk has caught up. */
  get isHeld(): boolean {
    return this.#log.isHeld
  }

  /** Why nothing can be written at the moment, if so. */
  get fault(): Error | undefined {
    return this.#log.fault
  }

  get isNearlyFull(): boolean {
    return this.#list.bytes > this.#parts.options.maxBytes * NEARLY
  }

  get diskBytes(): number {
    return this.#list.bytes
  }

  /** What is durable and not acknowledged. */
  get backlog(): Sum {
    return this.#backlog
  }

  /** When the oldest of the backlog was sealed; undefined without any. */
  get oldest(): number | undefined {
    const heads = this.#state.acknowledged.flatMap((place, partition) => {
      const found = this.#list.after(partition, place)
      return found === undefined ? [] : [found.stored.sealed]
    })
    return heads.length === 0 ? undefined : Math.min(...heads)
  }

  /** The partition's oldest batch that is not acknowledged; the same one until it is. */
  next(partition: number): DueBatch | undefined {
    for (;;) {
      const found = this.#list.after(partition, this.#state.acknowledged[partition] ?? 0)
      if (this.#list.takeDamaged()) this.#recount()
      if (found === undefined) return undefined
      const { place, packets, sealed } = found.stored
      const bytes = this.#fresh.get(partition, place) ?? this.#readBack(found)
      if (bytes !== undefined) {
        this.#handed[partition] = place
        return { partition, place, packets, sealed, bytes }
      }
      this.#events.batchesDropped(1, packets, 'damage')
      this.#done(partition, place, found.stored)
    }
  }

  /** What a damaged file held is gone. */
  #recount(): void {
    const { batches, packets } = this.#backlog
    this.#backlog = this.#list.sumAbove(this.#state.acknowledged)
    const [lost, of] = [batches - this.#backlog.batches, packets - this.#backlog.packets]
    if (lost > 0) this.#events.batchesDropped(lost, of, 'damage')
  }

  #readBack({ segment, stored }: Found): Uint8Array | undefined {
    try {
      const bytes = segment.read(stored)
      return crc32(bytes) === stored.crc ? bytes : undefined
    } catch {
      return undefined
    }
  }

  /** It is not under way any more: until it is given out again it can be dropped like any other. */
  giveBack({ partition, place }: DueBatch): void {
    this.#handed[partition] = place - 1
  }

  /** The broker has it. */
  acknowledge(batch: DueBatch): void {
    const { partition, place, packets, bytes } = batch
    this.#fresh.remove(partition, place)
    // Dropped while it was under way: then it is no longer part of the backlog.
    if (place <= (this.#state.acknowledged[partition] ?? 0)) return
    this.#done(partition, place, { packets, length: bytes.length })
    failpoint('collector.acknowledged')
  }

  #done(partition: number, place: number, of: { readonly packets: number; readonly length: number }): void {
    const { batches, packets, bytes } = this.#backlog
    this.#backlog = { batches: batches - 1, packets: packets - of.packets, bytes: bytes - of.length }
    this.#state.acknowledge(partition, place)
    this.#log.mark(partition, place)
  }

  #settled(seal: Seal, segment: Segment, at: number): void {
    let start = at
    let { batches, packets, bytes } = this.#backlog
    for (const batch of seal.batches) {
      segment.add(batch, start)
      this.#fresh.add(batch.partition, batch.place, batch.bytes)
      start += batch.length
      batches++
      packets += batch.packets
      bytes += batch.length
    }
    this.#backlog = { batches, packets, bytes }
  }

  #synced(): void {
    this.#enforceCaps(Date.now())
    if (this.#list.trim(this.#state.acknowledged) > 0) failpoint('collector.trimmed')
    this.#noticeHeld()
    this.onDurable()
  }

  async #rolled(): Promise<void> {
    const { identity, options } = this.#parts
    await writeIdentity(options.path, { ...identity, floor: [...this.#state.next] })
    this.#enforceCaps(Date.now())
  }

  #tick(): void {
    const now = Date.now()
    // A full disk may hold what need not be kept: the knowledge of it is written when there is room again.
    if (this.#log.fault !== undefined) this.#list.trim(this.#state.acknowledged)
    this.#enforceCaps(now)
    this.#log.tick(now)
    this.#noticeHeld()
  }

  /** A clock that was set by days must not make batches old, and so have them dropped. */
  #noticeClock(now: number): void {
    const monotonic = performance.now()
    const jump = now - this.#clock.now - (monotonic - this.#clock.monotonic)
    if (Math.abs(jump) > JUMP_MS) this.#list.shiftTimes(jump)
    this.#clock = { now, monotonic }
  }

  #enforceCaps(now: number): void {
    this.#noticeClock(now)
    const { maxBytes, maxAgeMs } = this.#parts.options
    while (this.#list.length > 1 && this.#list.bytes > maxBytes) this.#drop('size')
    while (this.#list.length > 1 && (this.#list.oldest?.newest ?? now) < now - maxAgeMs) this.#drop('age')
  }

  #drop(why: 'size' | 'age'): void {
    const { oldest } = this.#list
    if (oldest === undefined) return
    const all = this.#list.sumAbove(this.#state.acknowledged, [oldest])
    const lost = this.#list.sumAbove(this.#handed, [oldest])
    if (lost.batches > 0) this.#events.batchesDropped(lost.batches, lost.packets, why)
    const { batches, packets, bytes } = this.#backlog
    this.#backlog = {
      batches: batches - all.batches,
      packets: packets - all.packets,
      bytes: bytes - all.bytes,
    }
    for (const [partition, { last }] of oldest.ranges) {
      this.#state.acknowledge(partition, last)
      this.#log.mark(partition, this.#state.acknowledged[partition] ?? last)
    }
    this.#list.removeOldest()
    this.#fresh.clear()
  }

  #noticeHeld(): void {
    if (this.isHeld === this.#wasHeld) return
    this.#wasHeld = this.isHeld
    this.onHeld()
  }

  /** Resolves when all that was appended is durable, if it can be. */
  settled(): Promise<void> {
    return this.#log.settle()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#log.close()
    if (this.#log.fault === undefined) await this.#rolled()
    this.#parts.unlock()
  }
}
