/**
 * The state as parts of bytes, each absolute, and back. Equal states are equal bytes, whatever led to them.
 *
 * Each part says after which message it was written. One that is ahead of the meta part shows that a commit was torn
 * apart, which the store must not do: then nothing of it is believed.
 */
import { ByteReader } from '../bytes/byte-reader.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import { readGroup, writeGroup } from './group-bytes.ts'
import { readKey, readSeen, writeKey, writeSeen } from './key-bytes.ts'
import { compareKeys, type Key } from './keys.ts'
import { readMeta, writeMeta } from './meta-bytes.ts'
import {
  CHUNK,
  chunksOf,
  groupPart,
  hostPart,
  isPage,
  isWaiting,
  META,
  placeOf,
  targetPart,
  waitingPart,
} from './part-names.ts'
import type { Slices } from './slices.ts'
import type { TogetherState } from './state.ts'

const FORMAT = 1

export class StoredStateError extends Error {
  override readonly name = 'StoredStateError'
  readonly reason: 'torn' | 'broken' | 'newer'
  readonly retryable = false

  constructor(reason: 'torn' | 'broken' | 'newer', part: string) {
    super(`the stored part ${part} of the second stage is ${reason}`)
    this.reason = reason
  }
}

type Write = (into: ByteWriter) => void
type PutItem = (part: string, write: Write) => void

/**
 * The parts of these names, or all that hold something. Between two slices only contacts that wait change, so the pages are
 * gone through only when one of them is asked for.
 */
export function partsOf(state: TogetherState, wanted?: ReadonlySet<string>): Map<string, Uint8Array> {
  const items = new Map<string, Write[]>()
  const put: PutItem = (part, write) => {
    if (wanted !== undefined && !wanted.has(part)) return
    const writes = items.get(part)
    if (writes === undefined) items.set(part, [write])
    else writes.push(write)
  }
  if (wanted === undefined || [...wanted].some(isPage)) putPages(state, put)
  for (const part of wanted ?? waitingParts(state.slices.counts()))
    if (isWaiting(part)) putWaiting(state, part, put)
  put(META, (into) => writeMeta(into, state))
  const parts = new Map<string, Uint8Array>()
  for (const part of wanted ?? []) parts.set(part, new Uint8Array(0))
  const writer = new ByteWriter()
  for (const [part, writes] of items) parts.set(part, sealed(writer, state.offset, writes))
  return parts
}

function sealed(into: ByteWriter, offset: number, writes: readonly Write[]): Uint8Array {
  into.begin()
  into.byte(FORMAT)
  into.varint(offset + 1)
  into.varint(writes.length)
  for (const write of writes) write(into)
  return into.finish()
}

function putPages({ groups, background }: TogetherState, put: PutItem): void {
  for (const [key, group] of byKey(groups.byKey)) put(groupPart(key), (into) => writeGroup(into, group))
  for (const [target, packed] of byKey(background.forgotten))
    put(targetPart(target), (into) => {
      writeKey(into, target)
      into.float64(packed)
    })
  for (const [host, day] of byKey(background.fleet))
    put(hostPart(host), (into) => {
      writeKey(into, host)
      into.float64(day)
    })
}

function putWaiting({ slices }: TogetherState, part: string, put: PutItem): void {
  const [slice, chunk] = placeOf(part)
  const contacts = slices.waiting.get(slice) ?? []
  for (const seen of contacts.slice(chunk * CHUNK, (chunk + 1) * CHUNK))
    put(part, (into) => writeSeen(into, seen))
}

function byKey<V>(map: ReadonlyMap<Key, V>): [Key, V][] {
  return [...map].sort(([a], [b]) => compareKeys(a, b))
}

/** Takes a part into the state. The meta part comes first; without bytes there is nothing of it. */
export function readPart(state: TogetherState, part: string, bytes: Uint8Array | null): void {
  if (bytes === null || bytes.length === 0) return
  const from = new ByteReader(bytes)
  if (from.byte() > FORMAT) throw new StoredStateError('newer', part)
  const offset = from.varint() - 1
  const count = from.varint()
  if (part === META) state.offset = offset
  else if (offset > state.offset) throw new StoredStateError('torn', part)
  const read = readerOf(state, part)
  for (let i = 0; i < count && !from.isBroken; i++) read(from)
  if (from.isBroken || from.rest > 0) throw new StoredStateError('broken', part)
}

function readerOf(state: TogetherState, part: string): (from: ByteReader) => void {
  const { groups, background, slices } = state
  switch (part.slice(0, 2)) {
    case META:
      return (from) => readMeta(from, state)
    case 'cg':
      return (from) => readGroup(from, groups)
    case 'ct':
      return (from) => background.forgotten.set(readKey(from), from.float64())
    case 'ch':
      return (from) => background.fleet.set(readKey(from), from.float64())
    default:
      return waitingReader(slices, part)
  }
}

function waitingReader(slices: Slices, part: string): (from: ByteReader) => void {
  const [slice, chunk] = placeOf(part)
  let at = chunk * CHUNK
  return (from) => slices.restore(slice, at++, readSeen(from))
}

/** What the meta part says of contacts that wait. */
export function waitingParts(held: ReadonlyMap<number, number>): string[] {
  return [...held].flatMap(([slice, count]) =>
    Array.from({ length: chunksOf(count) }, (_, chunk) => waitingPart(slice, chunk)),
  )
}
