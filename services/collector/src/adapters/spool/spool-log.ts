/**
 * Spool log: the writing side of a spool. Records go into the newest segment and are settled when they are durable.
 *
 * One fsync serves all that came while the last one ran. The state holds durable records only, so the checkpoint of
 * a new segment is never ahead of what a crash would leave. When the disk refuses, records wait in memory in their
 * order and it is tried again at every tick; after a failed fsync in a new file, as the kernel may have
 * dropped what it could not write to the old one.
 */
import { FRAME_HEADER_BYTES, failpoint } from '@picket/runtime'
import type { SpoolEvents } from '../../spool-events.ts'
import { Segment, segmentName } from './segment.ts'
import { SegmentWriter } from './segment-writer.ts'
import { partsOf, type Seal } from './spool-record.ts'
import type { SpoolState } from './spool-state.ts'

export interface SpoolLogOptions {
  readonly path: string
  /** Beside its checkpoint. */
  readonly segmentBytes: number
  /** A segment is closed after so long, so that its age can be judged. */
  readonly segmentMs: number
  /** Of the last segment that was there before. */
  readonly number: number
}

/** What the owner of a log does when something has become true. */
export interface SpoolLogHooks {
  begun(segment: Segment): void
  /** `at`: of the seal's first batch in the segment. */
  settled(seal: Seal, segment: Segment, at: number): void
  /** All that was settled, and all marks that were set before, would survive a power cut. */
  synced(): void
  /** The new segment is durable. */
  rolled(): Promise<void>
}

interface Written {
  readonly seal: Seal
  readonly at: number
}

/** What may wait for the disk before sources are asked to wait. */
const HELD_BYTES = 16 * 1024 * 1024

export class SpoolLog {
  readonly #options: SpoolLogOptions
  readonly #state: SpoolState
  readonly #events: SpoolEvents
  readonly #hooks: SpoolLogHooks
  readonly #marks: Map<number, number> = new Map()
  #waiting: Seal[] = []
  #written: Written[] = []
  #memoryBytes = 0
  #number: number
  #writer: SegmentWriter | undefined
  #segment: Segment | undefined
  #since = 0
  #checkpointBytes = 0
  #committing: Promise<void> | undefined
  fault: Error | undefined

  constructor(options: SpoolLogOptions, state: SpoolState, events: SpoolEvents, hooks: SpoolLogHooks) {
    this.#options = options
    this.#state = state
    this.#events = events
    this.#hooks = hooks
    this.#number = options.number
  }

  /** Throws where the folder cannot be written to. */
  async start(): Promise<void> {
    this.#beginSegment()
    await this.#writer?.sync()
    await this.#hooks.rolled()
  }

  get isHeld(): boolean {
    return this.fault !== undefined || this.#memoryBytes > HELD_BYTES
  }

  append(seal: Seal): void {
    this.#waiting.push(seal)
    this.#memoryBytes += bytesIn(seal)
    this.#write()
    this.#commit()
  }

  /** The broker has all up to there; written at the next commit or tick. */
  mark(partition: number, place: number): void {
    this.#marks.set(partition, place)
  }

  tick(now: number): void {
    if (this.fault !== undefined) this.#mend()
    if (this.#segment !== undefined && this.#segment.newest > 0) {
      if (now - this.#since > this.#options.segmentMs) this.#since = 0
    }
    this.#commit()
  }

  /** Resolves when all is durable that can be made so. */
  async settle(): Promise<void> {
    this.#commit()
    while (this.#committing !== undefined) await this.#committing
  }

  async close(): Promise<void> {
    await this.settle()
    this.#writer?.close()
    this.#writer = undefined
  }

  get #isFull(): boolean {
    const bytes = (this.#writer?.bytes ?? 0) - this.#checkpointBytes
    return this.#since === 0 || bytes >= this.#options.segmentBytes
  }

  #write(): void {
    while (this.fault === undefined && !this.#isFull) {
      const [seal] = this.#waiting
      if (seal === undefined || !this.#tryWrite(seal)) return
      this.#waiting.shift()
      failpoint('collector.appended')
    }
  }

  #tryWrite(seal: Seal): boolean {
    const writer = this.#writer
    if (writer === undefined) return false
    const parts = partsOf(seal)
    const headBytes = (parts[0]?.length ?? 0) + (parts[1]?.length ?? 0)
    const at = writer.bytes + FRAME_HEADER_BYTES + headBytes
    try {
      writer.append(parts)
      this.#written.push({ seal, at })
      return true
    } catch (error) {
      this.#break(error as Error)
      return false
    }
  }

  #commit(): void {
    if (this.#committing !== undefined || this.fault !== undefined) return
    if (!this.#isDirty) return
    this.#committing = this.#commitAll().finally(() => {
      this.#committing = undefined
    })
  }

  get #isDirty(): boolean {
    return this.#written.length > 0 || this.#marks.size > 0 || this.#isFull
  }

  async #commitAll(): Promise<void> {
    while (this.fault === undefined && this.#isDirty) {
      this.#writeMarks()
      const [count, bytes] = [this.#written.length, this.#writer?.bytes ?? 0]
      if (!(await this.#trySync())) return
      failpoint('collector.fsynced')
      this.#settleAll(count, bytes)
      if (this.#isFull && this.#written.length === 0) await this.#tryRoll()
      this.#write()
    }
  }

  #writeMarks(): void {
    if (this.#marks.size === 0 || this.fault !== undefined) return
    try {
      this.#writer?.append(partsOf({ kind: 'marks', marks: [...this.#marks] }))
      this.#marks.clear()
      failpoint('collector.marked')
    } catch (error) {
      this.#break(error as Error)
    }
  }

  async #trySync(): Promise<boolean> {
    const began = performance.now()
    try {
      await this.#writer?.sync()
      this.#events.synced((performance.now() - began) / 1000)
      return true
    } catch (error) {
      if (this.#writer !== undefined) this.#writer.torn = true
      this.#break(error as Error)
      return false
    }
  }

  #settleAll(count: number, bytes: number): void {
    if (this.#segment !== undefined) this.#segment.bytes = bytes
    for (const written of this.#written.splice(0, count)) this.#settle(written)
    this.#hooks.synced()
  }

  #settle({ seal, at }: Written): void {
    this.#memoryBytes -= bytesIn(seal)
    this.#state.apply(seal)
    if (this.#segment === undefined) return
    this.#hooks.settled(seal, this.#segment, at)
  }

  async #tryRoll(): Promise<void> {
    try {
      this.#beginSegment()
      await this.#writer?.sync()
      await this.#hooks.rolled()
    } catch (error) {
      if (this.#writer !== undefined) this.#writer.torn = true
      this.#break(error as Error)
    }
  }

  #beginSegment(): void {
    this.#number++
    const path = `${this.#options.path}/${segmentName(this.#number)}`
    const writer = SegmentWriter.create(path, partsOf(this.#state.checkpoint()))
    this.#writer?.close()
    this.#writer = writer
    this.#segment = new Segment(path)
    this.#segment.bytes = writer.bytes
    this.#checkpointBytes = writer.bytes
    this.#since = Date.now()
    this.#hooks.begun(this.#segment)
  }

  #break(error: Error): void {
    this.fault = error
    this.#events.spoolBroken(error)
  }

  /** Goes on in the same file if that is whole, else in a new one, with what had not become durable. */
  #mend(): void {
    if (this.#committing !== undefined) return
    try {
      if (this.#writer?.torn !== false) this.#beginAnew()
      this.fault = undefined
      this.#write()
    } catch (error) {
      this.fault = error as Error
    }
    if (this.fault === undefined) this.#events.spoolMended()
  }

  #beginAnew(): void {
    this.#writer?.cutBack(this.#segment?.bytes ?? 0)
    this.#beginSegment()
    this.#waiting = [...this.#written.map(({ seal }) => seal), ...this.#waiting]
    this.#written = []
  }
}

function bytesIn({ batches, lines }: Seal): number {
  const sum = (parts: readonly { readonly bytes: Uint8Array }[]): number =>
    parts.reduce((all, { bytes }) => all + bytes.length, 0)
  return sum(batches) + sum(lines)
}
