/**
 * Records: what the journal of a run holds.
 *
 * The journal keeps the *input*, not what it led to, since a socket or the kernel's ring cannot be read
 * twice and the same input always leads to the same state. Beside it stands which alerts were told.
 * A record is a kind byte, the length of a JSON head, the head, and for input the lines as they came.
 */
import type { Chunk, Position } from '@picket/collector/main'
import { bufferOf } from '@picket/runtime'

const INPUT = 1
const TOLD = 2
const PREFIX_BYTES = 5

export interface InputHead {
  /** Name of the source. */
  readonly source: string
  /** When the lines arrived (ms): the year of stamps without one, the time of lines without any. */
  readonly arrival: number
  readonly input: number
  readonly offset: number
  readonly position: Position
  /** Null for NaN, which JSON has not. */
  readonly bootTime: number | null
}

export interface InputRecord {
  readonly kind: 'input'
  readonly head: InputHead
  readonly bytes: Uint8Array
}

export interface ToldRecord {
  readonly kind: 'told'
  readonly ids: readonly string[]
}

export type RunRecord = InputRecord | ToldRecord

export function headOf(source: string, arrival: number, chunk: Chunk): InputHead {
  const { input, offset, position, bootTime } = chunk
  return { source, arrival, input, offset, position, bootTime: Number.isNaN(bootTime) ? null : bootTime }
}

export function inputParts(head: InputHead, bytes: Uint8Array): Uint8Array[] {
  return [...withHead(INPUT, head), bytes]
}

export function toldParts(ids: readonly string[]): Uint8Array[] {
  return withHead(TOLD, { ids })
}

function withHead(kind: number, head: unknown): Uint8Array[] {
  const text = new TextEncoder().encode(JSON.stringify(head))
  const prefix = new Uint8Array(PREFIX_BYTES)
  const fields = new DataView(prefix.buffer)
  fields.setUint8(0, kind)
  fields.setUint32(1, text.length, true)
  return [prefix, text]
}

/** Undefined for a kind that this version does not know. */
export function readRecord(payload: Uint8Array): RunRecord | undefined {
  const buffer = bufferOf(payload)
  const headEnd = PREFIX_BYTES + buffer.readUInt32LE(1)
  const head: unknown = JSON.parse(buffer.toString('utf8', PREFIX_BYTES, headEnd))
  if (payload[0] === INPUT)
    return { kind: 'input', head: head as InputHead, bytes: payload.subarray(headEnd) }
  if (payload[0] === TOLD) return { kind: 'told', ids: (head as ToldRecord).ids }
  return undefined
}
