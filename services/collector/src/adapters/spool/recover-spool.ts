/**
 * Recover spool: from the segments that the last process left to what they add up to.
 *
 * Damage costs what stands behind it in the same segment, never more: every segment begins with a checkpoint. A
 * file that ends within a record is what a kill leaves, and was promised to nobody. Any other damage in the newest
 * segment may hide batches that were published: `isDoubtful` then, and the caller must not give out their numbers again.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync, renameSync, statSync } from 'node:fs'
import { cutBack, FRAME_HEADER_BYTES } from '@picket/runtime'
import { batchesOf, Segment, scanSegment } from './segment.ts'
import { SPOOL_VERSION } from './spool-record.ts'
import { SpoolState } from './spool-state.ts'

export interface RecoveredSpool {
  readonly segments: Segment[]
  readonly state: SpoolState
  /** Undefined when there was no spool. */
  readonly newest: number | undefined
  readonly isDoubtful: boolean
  /** Bytes that could not be read as records. */
  readonly lostBytes: number
  readonly faults: readonly string[]
}

export class SpoolError extends Error {
  override readonly name = 'SpoolError'
}

export function recoverSpool(folder: string, partitions: number): RecoveredSpool {
  const numbers = segmentNumbers(folder)
  const found = new Findings(folder, partitions)
  for (const [index, number] of numbers.entries()) found.read(number, index === numbers.length - 1)
  const { segments, state, isDoubtful, lostBytes, faults } = found
  return { segments, state, newest: numbers.at(-1), isDoubtful, lostBytes, faults }
}

function segmentNumbers(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => /^segment-\d+$/.test(name))
    .map((name) => Number(name.slice('segment-'.length)))
    .sort((a, b) => a - b)
}

class Findings {
  readonly #folder: string
  readonly #partitions: number
  readonly segments: Segment[] = []
  readonly state: SpoolState
  readonly faults: string[] = []
  isDoubtful = false
  lostBytes = 0

  constructor(folder: string, partitions: number) {
    this.#folder = folder
    this.#partitions = partitions
    this.state = new SpoolState(partitions)
  }

  read(number: number, isNewest: boolean): void {
    const name = `segment-${String(number).padStart(8, '0')}`
    const path = `${this.#folder}/${name}`
    const segment = new Segment(path)
    const whole = this.#scan(segment)
    const size = statSync(path).size
    if (whole < size) this.#damaged(name, path, whole, size, isNewest)
    if (whole === 0) return
    segment.bytes = whole
    segment.unload()
    this.segments.push(segment)
  }

  /** Returns where its sound part ends. */
  #scan(segment: Segment): number {
    let whole = 0
    let isFirst = true
    try {
      const end = scanSegment(segment.path, (record, at) => {
        if (isFirst !== (record.kind === 'checkpoint')) throw new Error('no checkpoint where one belongs')
        isFirst = false
        if (record.kind === 'checkpoint') this.#checkpoint(record.version, record.next)
        this.state.apply(record)
        for (const [batch, start] of batchesOf(record, at)) segment.add(batch, start)
        whole = at
      })
      return end.wholeBytes
    } catch (error) {
      if (error instanceof SpoolError) throw error
      return whole === 0 ? 0 : endOfFrame(segment.path, whole)
    }
  }

  /** What the segments before promised to nobody is void: its places are given out again from here. */
  #checkpoint(version: number, next: readonly number[]): void {
    if (version !== SPOOL_VERSION) {
      throw new SpoolError(
        `${this.#folder} was written by another version of Picket (spool ${version}, this one reads ` +
          `${SPOOL_VERSION}): run the version that wrote it until all is sent, or move the folder away`,
      )
    }
    if (next.length !== this.#partitions) {
      throw new SpoolError(
        `${this.#folder} was filled for ${next.length} partitions, and now there are ${this.#partitions}: ` +
          'the number of partitions is fixed for a topic’s life; set it back, or move the folder away',
      )
    }
    for (const earlier of this.segments) {
      for (const [partition, place] of next.entries()) earlier.cutFrom(partition, place)
    }
  }

  #damaged(name: string, path: string, whole: number, size: number, isNewest: boolean): void {
    const isTorn = isNewest && endsWithin(path, whole)
    this.lostBytes += size - whole
    if (isTorn) this.faults.push(`${name}: ${size - whole} bytes behind the last whole record are cut off`)
    else this.faults.push(`${name} is damaged: ${size - whole} bytes behind byte ${whole} are lost`)
    if (isNewest && !isTorn) this.isDoubtful = true
    if (whole === 0) renameSync(path, `${path}.damaged`)
    else cutBack(path, whole)
  }
}

function endOfFrame(path: string, payloadAt: number): number {
  return payloadAt + headerAt(path, payloadAt - FRAME_HEADER_BYTES).length
}

/** Is what stands there the beginning of a record that the file is too short for, or nothing but zeroes? */
function endsWithin(path: string, at: number): boolean {
  const { have, length, size } = headerAt(path, at)
  if (have < FRAME_HEADER_BYTES) return true
  return length === 0 ? isZero(path, at) : at + FRAME_HEADER_BYTES + length > size
}

function headerAt(path: string, at: number): { have: number; length: number; size: number } {
  const fd = openSync(path, 'r')
  try {
    const header = new DataView(new ArrayBuffer(FRAME_HEADER_BYTES))
    const have = readSync(fd, header, 0, FRAME_HEADER_BYTES, at)
    return { have, length: header.getUint32(0, true), size: fstatSync(fd).size }
  } finally {
    closeSync(fd)
  }
}

/** What a file system may leave behind a power cut. */
function isZero(path: string, from: number): boolean {
  const fd = openSync(path, 'r')
  const piece = new Uint8Array(64 * 1024)
  try {
    for (let at = from; ; ) {
      const got = readSync(fd, piece, 0, piece.length, at)
      if (got === 0) return true
      if (piece.subarray(0, got).some((byte) => byte !== 0)) return false
      at += got
    }
  } finally {
    closeSync(fd)
  }
}
