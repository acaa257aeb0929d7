import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalForm, fingerprint, MAX_MESSAGE_BYTES, MESSAGES } from '../../src/messages/index.ts'
import { plain, SAMPLES } from './samples.ts'

const { deadLetter, storedScan } = MESSAGES
const SCAN = { offset: 7, policy: 'picket', format: 1, state: Uint8Array.of(1, 2, 3) }

function reasonOf(bytes: Uint8Array): string {
  const decoded = storedScan.decode(bytes)
  return decoded.ok ? 'ok' : decoded.reason
}

/** A stored scan whose body is this. */
function withBody(...body: number[]): Uint8Array {
  return Uint8Array.from([...storedScan.encode(SCAN).subarray(0, 10), ...body])
}

test('whatever a schema allows comes back as it was', () => {
  for (const [codec, values] of SAMPLES) {
    fc.assert(
      fc.property(values, (value) => {
        const decoded = codec.decode(codec.encode(value))
        assert.ok(decoded.ok, codec.name)
        assert.deepEqual(plain(decoded.value), plain(value))
      }),
      { numRuns: 60 },
    )
  }
})

test('a message begins with C3 01 and the fingerprint of its schema, lowest byte first', () => {
  const bytes = storedScan.encode(SCAN)
  const print = fingerprint(canonicalForm(JSON.parse(storedScan.schema)))
  assert.deepEqual([...bytes.subarray(0, 2)], [0xc3, 0x01])
  assert.equal(Buffer.from(bytes).readBigUInt64LE(2), print)
  // 7, 'picket', 1, three bytes: as the Avro specification writes them
  assert.deepEqual([...bytes.subarray(10)], [14, 12, ...Buffer.from('picket'), 2, 6, 1, 2, 3])
})

test('bytes that are missing, and bytes that are empty, are two things', () => {
  const letter = { topic: 't', partition: 0, offset: 1, time: 2, service: 's', reason: 'r', detail: '' }
  const decoded = deadLetter.decode(deadLetter.encode({ ...letter, key: null, value: new Uint8Array(0) }))
  assert.ok(decoded.ok)
  assert.equal(decoded.value.key, null)
  assert.equal(decoded.value.value?.length, 0)
})

test('what is no message of ours is told apart by why', () => {
  const bytes = storedScan.encode(SCAN)
  assert.equal(reasonOf(bytes), 'ok')
  assert.equal(reasonOf(new Uint8Array(0)), 'not-ours')
  assert.equal(reasonOf(bytes.subarray(0, 9)), 'not-ours')
  assert.equal(reasonOf(new TextEncoder().encode('{"a json":"message"}')), 'not-ours')
  assert.equal(reasonOf(Uint8Array.of(0xc3, 1, ...new Uint8Array(20))), 'unknown-schema')
  assert.equal(reasonOf(MESSAGES.contactBatch.encode(CONTACTS)), 'wrong-type')
  assert.equal(reasonOf(bytes.subarray(0, -1)), 'broken')
  assert.equal(reasonOf(Uint8Array.of(...bytes, 0)), 'broken')
  assert.equal(reasonOf(new Uint8Array(MAX_MESSAGE_BYTES + 1)), 'too-large')
})

const CONTACTS = { upstream: 0, offset: 1, watermark: 2, addresses: new Uint8Array(0), contacts: [] }

test('a number that JavaScript cannot hold is broken, not rounded', () => {
  const largest = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]
  const beyond = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]
  assert.equal(reasonOf(withBody(...largest, 0, 0, 0)), 'ok')
  assert.equal(reasonOf(withBody(...beyond, 0, 0, 0)), 'broken')
  // The format is an int, the offset before it is 0
  assert.equal(reasonOf(withBody(0, 0, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0)), 'ok')
  assert.equal(reasonOf(withBody(0, 0, 0xfe, 0xff, 0xff, 0xff, 0x1f, 0)), 'broken')
})

test('a message that is larger than any before it is written whole', () => {
  const state = new Uint8Array(3_000_000).fill(7)
  const decoded = storedScan.decode(storedScan.encode({ ...SCAN, state }))
  assert.ok(decoded.ok)
  assert.equal(Buffer.compare(decoded.value.state, state), 0)
})

test('a map with __proto__ among its names is read without it, and nothing else changes', () => {
  const numbers = JSON.parse('{"__proto__":1,"lines":2}')
  const heartbeat = { started: 0, everyMs: 1, state: 'running', faults: [], numbers }
  const receipt = { service: 's', instance: 'i', reporter: 'r', time: 0, version: 'v', heartbeat, ban: null }
  const decoded = MESSAGES.receipt.decode(MESSAGES.receipt.encode(receipt))
  assert.ok(decoded.ok)
  assert.deepEqual(Object.entries(decoded.value.heartbeat?.numbers ?? {}), [['lines', 2]])
  assert.equal(Object.getPrototypeOf(decoded.value.heartbeat?.numbers), Object.prototype)
})
