/** What is known of the partition as a whole, as bytes and back: how far it is, what waits, what was counted. */
import type { ByteReader } from '../bytes/byte-reader.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import { readDays, writeDays } from './key-bytes.ts'
import type { TogetherCounts, TogetherState } from './state.ts'

const COUNTS = [
  'contacts',
  'late',
  'crowded',
  'evicted',
  'repeated',
] as const satisfies (keyof TogetherCounts)[]

export function writeMeta(into: ByteWriter, state: TogetherState): void {
  const upstreams = [...state.upstreams.byNumber].sort(([a], [b]) => a - b)
  const waiting = [...state.slices.waiting].sort(([a], [b]) => a - b)
  into.reserve(128 + 24 * (upstreams.length + waiting.length))
  into.float64(state.tidied)
  for (const name of COUNTS) into.varint(state.counts[name])
  into.varint(upstreams.length)
  for (const [number, { mark, watermark }] of upstreams) {
    into.varint(number)
    into.varint(mark + 1)
    into.float64(watermark)
  }
  into.varint(waiting.length)
  for (const [slice, contacts] of waiting) {
    into.float64(slice)
    into.varint(contacts.length)
  }
  writeDays(into, state.background.total)
}

export function readMeta(from: ByteReader, state: TogetherState): void {
  state.tidied = from.float64()
  for (const name of COUNTS) state.counts[name] = from.varint()
  for (let left = from.count(from.rest); left > 0; left--) {
    const upstream = state.upstreams.upstream(from.varint())
    upstream.mark = from.varint() - 1
    upstream.watermark = from.float64()
  }
  state.held.clear()
  for (let left = from.count(from.rest); left > 0; left--) state.held.set(from.float64(), from.varint())
  const { day, counts } = readDays(from)
  state.background.total.day = day
  state.background.total.counts = counts
}
