/**
 * Headed record: a kind, a JSON head and bytes as the payload of one frame.
 *
 * `kind u8 | length of the head u32 | head | bytes`, little endian. The bytes are not copied, neither when
 * written (they are handed on as parts) nor when read.
 */
import { bufferOf } from '../bytes.ts'

const PREFIX_BYTES = 5

export interface HeadedRecord {
  readonly kind: number
  readonly head: unknown
  /** Where the bytes behind the head begin in the payload. */
  readonly start: number
  readonly bytes: Uint8Array
}

/** To be followed by the bytes. */
export function headParts(kind: number, head: unknown): Uint8Array[] {
  const text = new TextEncoder().encode(JSON.stringify(head))
  const prefix = new Uint8Array(PREFIX_BYTES)
  const fields = new DataView(prefix.buffer)
  fields.setUint8(0, kind)
  fields.setUint32(1, text.length, true)
  return [prefix, text]
}

export function readHeaded(payload: Uint8Array): HeadedRecord {
  const buffer = bufferOf(payload)
  const start = PREFIX_BYTES + buffer.readUInt32LE(1)
  const head: unknown = JSON.parse(buffer.toString('utf8', PREFIX_BYTES, start))
  return { kind: buffer.readUInt8(0), head, start, bytes: payload.subarray(start) }
}
