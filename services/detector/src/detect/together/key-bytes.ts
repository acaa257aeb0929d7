/** Keys, contacts and counts as bytes, and back. */
import type { ByteReader } from '../bytes/byte-reader.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import { DayCounts } from './day-counts.ts'
import type { Key } from './keys.ts'
import type { Seen } from './seen.ts'

/** Nothing here is longer; ByteWriter wants to know before. */
const ROOM = 64

export function writeKey(into: ByteWriter, key: Key): void {
  into.reserve(ROOM)
  if (typeof key === 'number') {
    into.byte(0)
    into.varint(key)
    return
  }
  into.byte(1)
  into.text(key)
}

export function readKey(from: ByteReader): Key {
  return from.byte() === 0 ? from.varint() : from.text()
}

export function writeSeen(into: ByteWriter, seen: Seen): void {
  into.reserve(ROOM)
  into.float64(seen.time)
  writeKey(into, seen.source)
  writeKey(into, seen.host)
  into.reserve(ROOM)
  into.varint(seen.shape)
  into.byte(seen.technique)
  into.varint(seen.rank)
  into.byte(seen.targets)
}

export function readSeen(from: ByteReader): Seen {
  const time = from.float64()
  const source = readKey(from)
  const host = readKey(from)
  const shape = from.varint()
  return { time, source, host, shape, technique: from.byte(), rank: from.varint(), targets: from.byte() }
}

export function writeDays(into: ByteWriter, { day, counts }: DayCounts): void {
  into.reserve(ROOM + 8 * counts.length)
  into.float64(day)
  into.byte(counts.length)
  for (const count of counts) into.varint(count)
}

export function readDays(from: ByteReader): DayCounts {
  const day = from.float64()
  return new DayCounts(
    day,
    Array.from({ length: from.byte() }, () => from.varint()),
  )
}
