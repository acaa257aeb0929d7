/**
 * Stored scans: the Avro bytes of a StoredScan, written and read by hand.
 *
 * Byte for byte what the codec of @picket/schemas/messages makes (a test compares), but without an object and two
 * copies for each: a third of all packets lead to one. A new version of the schema needs a new mark here.
 */
import { ByteReader } from '../bytes/byte-reader.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import type { Method, Scan } from '../method.ts'

/** Avro's marker of a single object, and the fingerprint of the schema, little endian. */
const MARK = Uint8Array.of(0xc3, 0x01, 0xa7, 0x19, 0xa0, 0x1b, 0x9a, 0x93, 0x0f, 0x0f)

export interface StoredState {
  /** The last message folded into it. */
  readonly offset: number
  readonly policy: string
  readonly format: number
  readonly state: Uint8Array
}

/** Lengths from 64 to 8,191 take two bytes, as nearly all do. */
const USUAL_LENGTH_BYTES = 2

export class ScanWriter<S extends Scan> {
  private readonly method: Method<S>
  private readonly writer = new ByteWriter()

  constructor(method: Method<S>) {
    this.method = method
  }

  /** `offset`: the last message folded into the scan. The bytes are good for ever. */
  write(scan: S, offset: number): Uint8Array {
    const { writer, method } = this
    writer.begin()
    writer.raw(MARK)
    writer.varint(2 * offset)
    writePolicy(writer, method.name)
    writer.varint(2 * method.format)
    const lengthAt = writer.length
    writer.skip(USUAL_LENGTH_BYTES)
    const stateAt = writer.length
    method.store(scan, writer)
    const length = 2 * (writer.length - stateAt)
    writer.shift(stateAt, bytesOf(length) - USUAL_LENGTH_BYTES)
    writer.varintAt(lengthAt, length)
    return writer.finish()
  }
}

/** undefined for anything else, another version of the schema included. */
export function readStoredScan(bytes: Uint8Array): StoredState | undefined {
  const reader = new ByteReader(bytes)
  for (const byte of MARK) if (reader.byte() !== byte) return undefined
  const offset = readLong(reader)
  const policy = readPolicy(reader)
  const format = readLong(reader)
  const state = reader.raw(Math.min(readLong(reader), reader.rest + 1))
  if (reader.isBroken || reader.rest > 0 || format < 0) return undefined
  return { offset, policy, format, state }
}

/** Names of policies are ASCII. */
function writePolicy(writer: ByteWriter, name: string): void {
  writer.varint(2 * name.length)
  for (let i = 0; i < name.length; i++) writer.byte(name.charCodeAt(i))
}

function readPolicy(reader: ByteReader): string {
  return String.fromCharCode(...reader.raw(Math.min(readLong(reader), LONGEST_NAME)))
}

const LONGEST_NAME = 64

/** Avro's zigzag; none of ours is below 0 but an offset of -1, which nobody stores. */
function readLong(reader: ByteReader): number {
  const value = reader.varint()
  if (value % 2 === 1) reader.fail()
  return reader.isBroken ? 0 : value / 2
}

function bytesOf(varint: number): number {
  let bytes = 1
  for (let rest = varint; rest > 127; rest = Math.floor(rest / 128)) bytes++
  return bytes
}
