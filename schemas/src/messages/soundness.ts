/**
 * Soundness: whether bytes are one whole value of a schema, found out before anything is made of them.
 *
 * avsc trusts counts: an array that claims 2^31 items is allocated and read, though no byte of it is there, and a negative
 * block size moves it backwards for ever. So every message is walked once by this first. Each item takes at least a byte
 * here (a record without fields is refused), so the walk ends after as many steps as there are bytes.
 */
import { type FieldSchema, isUnion, type RecordSchema, type Schema } from './schema.ts'

/** Where the value ends that begins at `at`; -1 when there is none. */
export type Walk = (bytes: Uint8Array, at: number) => number

/** Distinct keys cost far more memory than bytes. */
const MAX_MAP_ENTRIES = 65_536
/** 32 bits, and 53: what lies beyond +-2^52 is not read exactly by avsc. The last byte of either holds four bits. */
const INT_BYTES = 5
const LONG_BYTES = 8
const LAST_BYTE = 0x0f

export function walkOf(schema: Schema): Walk {
  if (typeof schema === 'string') return primitiveWalk(schema)
  if (isUnion(schema)) return unionWalk(schema.map(walkOf))
  switch (schema.type) {
    case 'record':
      return recordWalk(schema)
    case 'array':
      return blocksWalk(walkOf(schema.items), Number.POSITIVE_INFINITY)
    case 'map':
      return blocksWalk(sequence([walkText, walkOf(schema.values)]), MAX_MAP_ENTRIES)
    default:
      return walkOf((schema as { type: Schema }).type)
  }
}

function primitiveWalk(name: string): Walk {
  switch (name) {
    case 'null':
      return (_, at) => at
    case 'boolean':
      return (bytes, at) => ((bytes[at] ?? 2) < 2 ? at + 1 : -1)
    case 'int':
      return (bytes, at) => skipNumbers(bytes, at, 1, INT_BYTES)
    case 'long':
      return (bytes, at) => skipNumbers(bytes, at, 1, LONG_BYTES)
    case 'double':
      return (bytes, at) => (at + 8 <= bytes.length ? at + 8 : -1)
    case 'string':
      return walkText
    case 'bytes':
      return walkText
    default:
      throw new Error(`no message has a ${name}`)
  }
}

/** Runs of one kind of integers, which most records are, are walked in one loop. */
function recordWalk({ name, fields }: RecordSchema): Walk {
  if (fields.length === 0) throw new Error(`${name} has no field`)
  const walks: Walk[] = []
  for (let first = 0; first < fields.length; ) {
    const next = endOfRun(fields, first)
    const { type } = fields[first] as FieldSchema
    walks.push(
      next - first === 1 ? walkOf(type) : numbersWalk(next - first, type === 'int' ? INT_BYTES : LONG_BYTES),
    )
    first = next
  }
  return walks.length === 1 ? (walks[0] as Walk) : sequence(walks)
}

function endOfRun(fields: readonly FieldSchema[], first: number): number {
  const type = fields[first]?.type
  let end = first + 1
  if (type === 'int' || type === 'long') while (fields[end]?.type === type) end++
  return end
}

function numbersWalk(count: number, longest: number): Walk {
  return (bytes, at) => skipNumbers(bytes, at, count, longest)
}

function sequence(walks: readonly Walk[]): Walk {
  return (bytes, from) => {
    let at = from
    for (const walk of walks) {
      at = walk(bytes, at)
      if (at < 0) return -1
    }
    return at
  }
}

function skipNumbers(bytes: Uint8Array, from: number, count: number, longest: number): number {
  const end = bytes.length
  let at = from
  for (let left = count; left > 0; left--) {
    const start = at
    while (at < end && (bytes[at] as number) >= 0x80) at++
    at++
    if (at > end || isTooLong(at - start, longest, bytes[at - 1] as number)) return -1
  }
  return at
}

function isTooLong(length: number, longest: number, last: number): boolean {
  return length > longest || (length === longest && last > LAST_BYTE)
}

/** Of the last number read: JavaScript returns one value. */
let after = 0

/** A number and, in `after`, where it ends (-1 when it does not). */
function readNumber(bytes: Uint8Array, from: number): number {
  after = skipNumbers(bytes, from, 1, LONG_BYTES)
  if (after < 0) return 0
  let value = 0
  for (let at = after - 1; at >= from; at--) value = value * 128 + ((bytes[at] as number) & 127)
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

function walkText(bytes: Uint8Array, at: number): number {
  const length = readNumber(bytes, at)
  if (after < 0 || length < 0 || length > bytes.length - after) return -1
  return after + length
}

function unionWalk(branches: readonly Walk[]): Walk {
  return (bytes, at) => {
    const branch = branches[readNumber(bytes, at)]
    return after < 0 || branch === undefined ? -1 : branch(bytes, after)
  }
}

/** Arrays and maps are blocks, each with its count; an empty one ends. */
function blocksWalk(item: Walk, limit: number): Walk {
  return (bytes, from) => {
    let at = from
    let left = limit
    while (at >= 0) {
      const count = readNumber(bytes, at)
      if (after < 0 || count === 0) return after
      left -= Math.abs(count)
      at = left < 0 ? -1 : walkBlock(bytes, after, item, count)
    }
    return -1
  }
}

/** A negative count is followed by the block's size, which must be true. */
function walkBlock(bytes: Uint8Array, at: number, item: Walk, count: number): number {
  return count > 0 ? walkItems(bytes, at, item, count) : walkSizedBlock(bytes, at, item, -count)
}

function walkSizedBlock(bytes: Uint8Array, from: number, item: Walk, count: number): number {
  const size = readNumber(bytes, from)
  if (after < 0) return -1
  const end = after + size
  return walkItems(bytes, after, item, count) === end ? end : -1
}

function walkItems(bytes: Uint8Array, from: number, item: Walk, count: number): number {
  if (count > bytes.length - from) return -1
  let at = from
  for (let left = count; left > 0 && at >= 0; left--) at = item(bytes, at)
  return at
}
