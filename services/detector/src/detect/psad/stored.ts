/**
 * A psad scan as bytes, and back: the plain value as JSON behind a checksum, since nobody runs this policy for speed.
 */
import { ByteReader } from '../bytes/byte-reader.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import type { PsadScan } from './psad-scan.ts'

export const FORMAT = 1

export function storeScan(packed: unknown, into: ByteWriter): void {
  const from = into.length
  into.reserve(5)
  into.byte(FORMAT)
  into.int32(0)
  into.text(JSON.stringify(packed, spellInfinity))
  into.setInt32(from + 1, into.checksum(from + 5))
}

export function restoreScan(bytes: Uint8Array, unpack: (packed: unknown) => PsadScan): PsadScan | undefined {
  const reader = new ByteReader(bytes)
  if (reader.byte() !== FORMAT || reader.int32() !== reader.checksum()) return undefined
  const text = reader.text()
  if (reader.isBroken || reader.rest > 0) return undefined
  try {
    return unpack(JSON.parse(text, readInfinity))
  } catch {
    return undefined
  }
}

/** A scan without a packet was last seen infinitely long ago, which JSON cannot say. */
function spellInfinity(_key: string, value: unknown): unknown {
  return value === Number.NEGATIVE_INFINITY ? '-Infinity' : value
}

function readInfinity(key: string, value: unknown): unknown {
  return value === '-Infinity' && key.endsWith('Seen') ? Number.NEGATIVE_INFINITY : value
}
