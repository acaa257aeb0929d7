/**
 * Bombs: messages of a few bytes, or of as many as are taken, that are made to fill the memory of whoever decodes them.
 *
 * Decoded in a thread whose heap is capped: what does not fit ends the thread, and so the test.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import {
  canonicalForm,
  fingerprint,
  MAX_MESSAGE_BYTES,
  MESSAGES,
  type Schema,
} from '../../src/messages/index.ts'
import { isUnion } from '../../src/messages/schema.ts'

const HEAP_MB = 192
/** Zigzag of 2^31 and of 2^52. */
const CLAIMS = [
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
] as const

/** Numbers that are all ones in Avro: each byte is a value of its own, a length of 1, or a count of 1. */
function* bombs(header: Uint8Array, schema: Schema): Generator<Uint8Array> {
  for (let fields = 0; fields < 40; fields++)
    for (const claim of CLAIMS)
      yield Uint8Array.from([...header, ...new Array<number>(fields).fill(0), ...claim])
  for (const filling of [0, 1, 2, 0x7f]) {
    const whole = new Uint8Array(MAX_MESSAGE_BYTES).fill(filling)
    whole.set(header)
    yield whole
  }
  yield fullArrays(header, schema)
}

/** As valid as it can be: every array holds as many of the smallest items as there is room for. */
function fullArrays(header: Uint8Array, schema: Schema): Uint8Array {
  const bytes = new Uint8Array(MAX_MESSAGE_BYTES)
  bytes.set(header)
  const end = write(bytes, header.length, schema, MAX_MESSAGE_BYTES - 4_096)
  return bytes.subarray(0, end)
}

const PRIMITIVE_BYTES: Readonly<Record<string, number>> = { null: 0, double: 8 }

function write(bytes: Uint8Array, at: number, schema: Schema, room: number): number {
  if (typeof schema === 'string') return at + (PRIMITIVE_BYTES[schema] ?? 1)
  if (isUnion(schema) || schema.type === 'map') return at + 1
  if (schema.type === 'array') return writeArray(bytes, at, schema.items, room)
  let next = at
  for (const { type } of schema.fields) next = write(bytes, next, type, room)
  return next
}

/** Without room it is empty. */
function writeArray(bytes: Uint8Array, at: number, items: Schema, room: number): number {
  const size = write(new Uint8Array(8_192), 0, items, 0)
  const count = Math.max(0, Math.floor((room - at) / size))
  if (count === 0) return at + 1
  let next = varint(bytes, at, count)
  for (let i = 0; i < count; i++) next = write(bytes, next, items, 0)
  return next + 1
}

function varint(bytes: Uint8Array, at: number, count: number): number {
  let left = count * 2
  let next = at
  while (left > 127) {
    bytes[next++] = (left % 128) | 0x80
    left = Math.floor(left / 128)
  }
  bytes[next++] = left
  return next
}

function decodeAll(): { readonly tried: number; readonly read: number } {
  let [tried, read] = [0, 0]
  for (const codec of Object.values(MESSAGES)) {
    const schema = JSON.parse(codec.schema) as Schema
    const header = headerOf(schema)
    for (const bomb of bombs(header, schema)) {
      tried++
      if (codec.decode(bomb).ok) read++
    }
  }
  return { tried, read }
}

function headerOf(schema: Schema): Uint8Array {
  const header = new Uint8Array(10)
  header.set([0xc3, 0x01])
  new DataView(header.buffer).setBigUint64(2, fingerprint(canonicalForm(schema)), true)
  return header
}

if (isMainThread) {
  test('a message that claims more than it holds, or holds as much as it may, is decoded within a small heap', async () => {
    const worker = new Worker(new URL(import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 16 },
    })
    const [{ tried, read }] = (await once(worker, 'message')) as [{ tried: number; read: number }]
    assert.ok(tried >= 700, String(tried))
    // The valid ones are read, so they were not all refused for a reason of no weight.
    assert.ok(read >= 5, String(read))
    await worker.terminate()
  })
} else parentPort?.postMessage(decodeAll())
