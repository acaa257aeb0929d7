/**
 * Segment: one file of the spool, and which batches lie where in it.
 *
 * For a long backlog only first and last place of each partition are kept in memory; where each batch lies is read
 * from the file again when its turn comes (`load`), and forgotten after (`unload`).
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { FRAME_HEADER_BYTES, type FramesEnd, readFrames } from '@picket/runtime'
import { readSpoolRecord, type SealedBatch, type SpoolRecord } from './spool-record.ts'

/** A batch on the disk. */
export interface Stored {
  readonly place: number
  readonly packets: number
  readonly sealed: number
  readonly length: number
  readonly crc: number
  /** Of its first byte in the file. */
  readonly at: number
}

interface Range {
  readonly first: number
  last: number
}

type Entries = Map<number, Stored[]>

export function segmentName(number: number): string {
  return `segment-${String(number).padStart(8, '0')}`
}

export class Segment {
  readonly path: string
  bytes = 0
  /** When its newest batch was sealed; 0 without any. */
  newest = 0
  /** Found to end before its batches do, since it was read last. */
  isDamaged = false
  readonly ranges: Map<number, Range> = new Map()
  #entries: Entries | undefined = new Map()

  constructor(path: string) {
    this.path = path
  }

  /** `at`: of the first byte of the batch in the file. */
  add(batch: SealedBatch, at: number): void {
    const { partition, place, packets, sealed, length, crc } = batch
    const range = this.ranges.get(partition)
    if (range === undefined) this.ranges.set(partition, { first: place, last: place })
    else range.last = place
    this.newest = Math.max(this.newest, sealed)
    if (this.#entries !== undefined)
      addTo(this.#entries, partition, { place, packets, sealed, length, crc, at })
  }

  get isLoaded(): boolean {
    return this.#entries !== undefined
  }

  unload(): void {
    this.#entries = undefined
  }

  /** The first batch of a partition above a place. */
  after(partition: number, place: number): Stored | undefined {
    const range = this.ranges.get(partition)
    if (range === undefined || range.last <= place) return undefined
    const stored = this.#load().get(partition) ?? []
    return stored[firstAbove(stored, place)]
  }

  /** The batches of a partition above a place. */
  *allAfter(partition: number, place: number): Generator<Stored> {
    const range = this.ranges.get(partition)
    if (range === undefined || range.last <= place) return
    const stored = this.#load().get(partition) ?? []
    for (let i = firstAbove(stored, place); i < stored.length; i++) yield stored[i] as Stored
  }

  #load(): Entries {
    if (this.#entries !== undefined) return this.#entries
    const entries: Entries = new Map()
    const { wholeBytes } = scanSegment(this.path, (record, at) => {
      for (const [batch, start] of batchesOf(record, at)) {
        const { partition, place, packets, sealed, length, crc } = batch
        if (this.#holds(partition, place))
          addTo(entries, partition, { place, packets, sealed, length, crc, at: start })
      }
    })
    if (wholeBytes < this.bytes) this.#shrinkTo(entries)
    this.#entries = entries
    return entries
  }

  #shrinkTo(entries: Entries): void {
    this.isDamaged = true
    for (const [partition, range] of this.ranges) {
      const last = entries.get(partition)?.at(-1)?.place
      if (last === undefined) this.ranges.delete(partition)
      else range.last = last
    }
  }

  /** What recovery found void is not found again. */
  #holds(partition: number, place: number): boolean {
    const range = this.ranges.get(partition)
    return range !== undefined && place >= range.first && place <= range.last
  }

  /** A later segment gives out these places again: these batches were never promised to anybody. */
  cutFrom(partition: number, place: number): void {
    const range = this.ranges.get(partition)
    if (range === undefined || range.last < place) return
    this.unload()
    if (range.first >= place) this.ranges.delete(partition)
    else range.last = place - 1
  }

  read({ at, length }: Stored): Uint8Array {
    const bytes = new Uint8Array(length)
    const fd = openSync(this.path, 'r')
    try {
      for (let have = 0; have < length; ) {
        const got = readSync(fd, bytes, have, length - have, at + have)
        if (got === 0) throw new Error(`${this.path} ends before byte ${at + length}`)
        have += got
      }
    } finally {
      closeSync(fd)
    }
    return bytes
  }
}

function addTo(entries: Entries, partition: number, stored: Stored): void {
  const list = entries.get(partition)
  if (list === undefined) entries.set(partition, [stored])
  else list.push(stored)
}

function firstAbove(stored: readonly Stored[], place: number): number {
  let low = 0
  let high = stored.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((stored[middle] as Stored).place <= place) low = middle + 1
    else high = middle
  }
  return low
}

/** The batches of a record with where each begins, given where the record's payload begins. */
/** As read by `readFrames`: each payload has memory of its own. */
export function* batchesOf(record: SpoolRecord, payloadAt: number): Generator<[SealedBatch, number]> {
  if (record.kind !== 'seal') return
  for (const batch of record.batches) yield [batch, payloadAt + batch.bytes.byteOffset]
}

/** Hands every whole record with where its payload begins; what cannot be read as a record ends it like damage. */
export function scanSegment(path: string, onRecord: (record: SpoolRecord, at: number) => void): FramesEnd {
  const frames = readFrames(path)
  let at = 0
  let next = frames.next()
  for (; next.done !== true; next = frames.next()) {
    const record = readSpoolRecord(next.value)
    onRecord(record, at + FRAME_HEADER_BYTES)
    at += FRAME_HEADER_BYTES + next.value.length
  }
  return next.value
}
