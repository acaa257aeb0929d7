/**
 * Packing: many keys and values as one buffer, which the scripts take apart again.
 *
 * The client spends some microseconds on every argument of a command but hardly anything on the bytes of a long one. What is
 * too large for its field is refused here, because a script must not fail half way.
 */
import { bytesOf } from '../../bytes.ts'
import type { Commit, Mark, Put, StoreKey } from '../partition-store.ts'

const LONGEST_KEY = 0xffff
const LONGEST_VALUE = 0x1fff_ffff
const LONGEST_TTL = 0xffff_ffff

/** As the scripts read them: `<I2c0`. */
export function packKeys(keys: readonly StoreKey[]): Buffer {
  let size = 0
  for (const key of keys) size += 2 + key.length
  const packed = Buffer.allocUnsafe(size)
  let at = 0
  for (const key of keys) at = writeKey(packed, key, at)
  return packed
}

/** The answer of LOAD. The values lie within the answer's own memory: nothing is copied. */
export function unpackValues(answer: Buffer, count: number): (Uint8Array | null)[] {
  const values: (Uint8Array | null)[] = new Array(count)
  let at = answer.byteOffset + 4 * count
  for (let index = 0; index < count; index++) {
    const length = answer.readInt32LE(4 * index)
    if (length < 0) {
      values[index] = null
    } else {
      values[index] = new Uint8Array(answer.buffer, at, length)
      at += length
    }
  }
  return values
}

/** `<I2c0I4I4c0` each: key, seconds to live, value. */
export function packPuts(puts: readonly Put[]): Buffer {
  const packed = Buffer.allocUnsafe(sizeOfPuts(puts))
  writePuts(packed, puts, 0)
  return packed
}

/** Values, marks (`<I2c0Bc0`: name and numbers) and outputs (`<I4c0`), in this order. */
export function packCommit({ puts, marks, outbox }: Commit): Buffer {
  const names = marks.map(({ name }) => bytesOf(Buffer.from(name)))
  const numbers = marks.map(textOfMark)
  let size = sizeOfPuts(puts)
  for (const name of names) size += 3 + name.length
  for (const text of numbers) size += text.length
  for (const value of outbox) size += 4 + value.length
  const packed = Buffer.allocUnsafe(size)
  let at = writePuts(packed, puts, 0)
  for (const [index, name] of names.entries()) at = writeMark(packed, name, numbers[index] ?? '', at)
  for (const value of outbox) at = writeValue(packed, value, at)
  return packed
}

export function markOf(name: Buffer, numbers: Buffer): Mark {
  const [number = Number.NaN, offset = Number.NaN] = numbers.toString('latin1').split(',').map(Number)
  return { name: name.toString(), number, offset }
}

function textOfMark({ number, offset }: Mark): string {
  return `${number},${offset}`
}

function sizeOfPuts(puts: readonly Put[]): number {
  let size = 0
  for (const { key, value } of puts) size += 10 + key.length + value.length
  return size
}

function writePuts(packed: Buffer, puts: readonly Put[], start: number): number {
  let at = start
  for (const { key, value, ttlSeconds } of puts) {
    at = writeKey(packed, key, at)
    at = packed.writeUInt32LE(ttlOf(ttlSeconds), at)
    at = writeValue(packed, value, at)
  }
  return at
}

function writeMark(packed: Buffer, name: Uint8Array, numbers: string, start: number): number {
  if (name.length > LONGEST_KEY) throw new RangeError(`a mark's name has ${name.length} bytes`)
  let at = packed.writeUInt16LE(name.length, start)
  packed.set(name, at)
  at += name.length
  at = packed.writeUInt8(numbers.length, at)
  return at + packed.write(numbers, at, 'latin1')
}

/** Keys are short, so a loop is faster than a call into Node. */
function writeKey(packed: Buffer, key: StoreKey, start: number): number {
  const { length } = key
  if (length > LONGEST_KEY) throw new RangeError(`a key has ${length} bytes`)
  packed[start] = length & 0xff
  packed[start + 1] = length >> 8
  let at = start + 2
  let all = 0
  for (let index = 0; index < length; index++) {
    const unit = key.charCodeAt(index)
    all |= unit
    packed[at++] = unit
  }
  if (all > 0xff) throw new RangeError('a key has a character that is no byte')
  return at
}

function writeValue(packed: Buffer, value: Uint8Array, start: number): number {
  if (value.length > LONGEST_VALUE) throw new RangeError(`a value has ${value.length} bytes`)
  const at = packed.writeUInt32LE(value.length, start)
  packed.set(value, at)
  return at + value.length
}

function ttlOf(seconds: number): number {
  if (!(seconds > 0)) throw new RangeError(`a value cannot live for ${seconds} seconds`)
  return Math.min(Math.ceil(seconds), LONGEST_TTL)
}
