/**
 * Spool records: what stands in the frames of a segment.
 *
 * A seal holds batches, the positions behind their lines and the last of these lines, all in one frame: so either
 * all of it is there or none, and no packet can be both sealed and read again. A checkpoint stands first in every
 * segment and says all that the segments before it add up to; marks say what the broker has acknowledged.
 */
import { headParts, readHeaded } from '@picket/runtime'
import type { InputHead } from '../input-head.ts'
import type { Position } from '../log-source.ts'
import type { Recent } from '../recent-lines.ts'

const CHECKPOINT = 1
const SEAL = 2
const MARKS = 3

/** Raise it when an older Picket could misread a spool. */
export const SPOOL_VERSION = 1

type Positions = Readonly<Record<string, Position>>

export interface BatchHead {
  readonly partition: number
  /** Counts the batches of this spool and partition, whoever the agent was; see `SpoolState.numberOf`. */
  readonly place: number
  readonly packets: number
  readonly records: number
  /** Our clock, ms since 1970 UTC. */
  readonly sealed: number
  readonly length: number
  readonly crc: number
}

export interface SealedBatch extends BatchHead {
  readonly bytes: Uint8Array
}

export interface Seal {
  readonly kind: 'seal'
  /** Of the sources that moved. */
  readonly positions: Positions
  readonly batches: readonly SealedBatch[]
  readonly lines: readonly Recent[]
}

export interface Checkpoint {
  readonly kind: 'checkpoint'
  readonly version: number
  readonly agent: string
  /** Place of the next batch of each partition. */
  readonly next: readonly number[]
  /** Place of the last batch of the agents before. */
  readonly base: readonly number[]
  readonly acknowledged: readonly number[]
  readonly positions: Positions
  readonly lines: readonly Recent[]
}

export interface Marks {
  readonly kind: 'marks'
  /** Partition and place: up to there all is acknowledged. */
  readonly marks: readonly (readonly [number, number])[]
}

export type SpoolRecord = Seal | Checkpoint | Marks

interface LinesHead {
  readonly lines: readonly { readonly head: InputHead; readonly length: number }[]
}

type SealHead = LinesHead & { readonly positions: Positions; readonly batches: readonly BatchHead[] }
type CheckpointHead = LinesHead & Omit<Checkpoint, 'kind' | 'lines'>

export function partsOf(record: SpoolRecord): Uint8Array[] {
  if (record.kind === 'marks') return headParts(MARKS, record.marks)
  const lines = record.lines.map(({ head, bytes }) => ({ head, length: bytes.length }))
  const lineBytes = record.lines.map(({ bytes }) => bytes)
  if (record.kind === 'seal') {
    const batches = record.batches.map(({ bytes: _, ...head }) => head)
    const head = { positions: record.positions, batches, lines } satisfies SealHead
    return [...headParts(SEAL, head), ...record.batches.map(({ bytes }) => bytes), ...lineBytes]
  }
  const { kind: _, ...facts } = record
  return [...headParts(CHECKPOINT, { ...facts, lines } satisfies CheckpointHead), ...lineBytes]
}

/** Throws where the payload is not one of ours. The bytes lie in the payload. */
export function readSpoolRecord(payload: Uint8Array): SpoolRecord {
  const { kind, head, bytes } = readHeaded(payload)
  if (kind === MARKS) return { kind: 'marks', marks: head as Marks['marks'] }
  if (kind === CHECKPOINT) {
    const checkpoint = head as CheckpointHead
    return { kind: 'checkpoint', ...checkpoint, lines: linesIn(checkpoint, bytes) }
  }
  if (kind !== SEAL) throw new Error(`a record of unknown kind ${kind}`)
  const seal = head as SealHead
  let at = 0
  const batches = seal.batches.map((batch) => {
    const start = at
    at += batch.length
    return { ...batch, bytes: bytes.subarray(start, at) }
  })
  return { kind: 'seal', positions: seal.positions, batches, lines: linesIn(seal, bytes.subarray(at)) }
}

function linesIn({ lines }: LinesHead, bytes: Uint8Array): Recent[] {
  let at = 0
  return lines.map(({ head, length }) => {
    const start = at
    at += length
    return { head, bytes: bytes.subarray(start, at) }
  })
}
