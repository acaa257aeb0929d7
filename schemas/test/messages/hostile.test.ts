import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Codec, MESSAGES, newCodec } from '../../src/messages/index.ts'
import { SAMPLES } from './samples.ts'

const EMPTY = { upstream: 0, offset: 0, watermark: 0, addresses: new Uint8Array(0), contacts: [] }

/** An otherwise empty contact batch whose array of contacts is these bytes. */
function contacts(...array: number[]): Uint8Array {
  return Uint8Array.from([...MESSAGES.contactBatch.encode(EMPTY).subarray(0, 14), ...array])
}

function isBroken(bytes: Uint8Array): boolean {
  const decoded = MESSAGES.contactBatch.decode(bytes)
  return !decoded.ok && decoded.reason === 'broken'
}

const CONTACT = new Array<number>(8).fill(2)

test('an array in blocks, with or without their sizes, is read', () => {
  for (const array of [[0], [2, ...CONTACT, 0], [2, ...CONTACT, 2, ...CONTACT, 0], [1, 16, ...CONTACT, 0]]) {
    assert.ok(MESSAGES.contactBatch.decode(contacts(...array)).ok, array.join(' '))
  }
})

test('an array that claims more items than there are bytes is broken', () => {
  // 2^31, and the most that a long holds
  assert.ok(isBroken(contacts(0x80, 0x80, 0x80, 0x80, 0x10, ...CONTACT, 0)))
  assert.ok(isBroken(contacts(...new Array(9).fill(0xfe), 0x01, ...CONTACT, 0)))
})

test('an array whose items take no bytes is broken as well when it claims more than there are', () => {
  const nothings = { type: 'array', items: 'null' }
  const schema = { type: 'record', name: 'Idle', namespace: 't', fields: [{ name: 'a', type: nothings }] }
  const codec = newCodec([JSON.stringify(schema)])
  const header = codec.encode({ a: [] }).subarray(0, 10)
  const decoded = codec.decode(Uint8Array.from([...header, 0x80, 0x80, 0x80, 0x80, 0x10, 0]))
  assert.equal(decoded.ok ? 'ok' : decoded.reason, 'broken')
})

test('a block whose size is not the size of its items is broken', () => {
  assert.ok(isBroken(contacts(1, 18, ...CONTACT, 0)))
  assert.ok(isBroken(contacts(1, 14, ...CONTACT, 0)))
  // A size that leads back to the block's own count
  assert.ok(isBroken(contacts(1, 3, ...CONTACT, 0)))
})

test('a block with a false size is broken also where an older reader leaves its array out', () => {
  const wide =
    '{"type":"record","name":"N","namespace":"t","fields":[{"name":"a","type":"int"},{"name":"b","type":{"type":"array","items":"int"}}]}'
  const narrow = '{"type":"record","name":"N","namespace":"t","fields":[{"name":"a","type":"int"}]}'
  const reader = newCodec<{ a: number }>([narrow], [wide])
  const head = newCodec([wide]).encode({ a: 1, b: [] }).subarray(0, 11)
  const decoded = reader.decode(Uint8Array.from([...head, 1, 3, 2, 0]))
  assert.equal(decoded.ok ? 'ok' : decoded.reason, 'broken')
  assert.ok(reader.decode(Uint8Array.from([...head, 1, 2, 2, 0])).ok)
})

/** A value of the schema, which then can be written, or broken. */
function isUnderstood(codec: Codec<unknown>, bytes: Uint8Array): boolean {
  const decoded = codec.decode(bytes)
  return decoded.ok ? codec.encode(decoded.value).length > 0 : decoded.reason === 'broken'
}

test('random bytes behind a true header, and true messages with bytes changed, are values of the schema or broken', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
  for (const [codec, values] of SAMPLES) {
    fc.assert(
      fc.property(values, changes, fc.uint8Array({ maxLength: 200 }), (value, edits, noise) => {
        const bytes = codec.encode(value)
        assert.ok(isUnderstood(codec, Uint8Array.from([...bytes.subarray(0, 10), ...noise])))
        for (const [at, byte] of edits) bytes[10 + (at % (bytes.length - 10))] = byte
        assert.ok(isUnderstood(codec, bytes))
      }),
      { numRuns: 200 },
    )
  }
})

test('any bytes at all are a message or a reason', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const [codec] of SAMPLES) assert.equal(codec.decode(bytes).ok, false)
    }),
  )
})
