import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Address,
  parseAddress,
  partitionOf,
  prefixContains,
  prefixOfSource,
  printPrefix,
  sourceKey,
} from '../src/index.ts'

function address(text: string): Address {
  return parseAddress(text) as Address
}

const anyV4 = fc.integer().map((word) => Int32Array.of(0, 0, 0xffff, word))
const anyAddress = fc.oneof(
  anyV4,
  fc.tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer()).map((words) => Int32Array.from(words)),
)

/** Written down when the function was made. They are stored in Redis and sent through Kafka: never change them. */
const GOLDEN: readonly (readonly [string, number, number, number])[] = [
  ['0.0.0.0', 0, 3, 12],
  ['10.0.0.1', 2, 9, 40],
  ['10.0.0.2', 2, 8, 37],
  ['127.0.0.1', 2, 9, 38],
  ['192.0.2.33', 1, 5, 23],
  ['198.51.100.7', 1, 7, 29],
  ['203.0.113.9', 0, 3, 14],
  ['255.255.255.255', 1, 4, 19],
  ['::1', 2, 10, 42],
  ['2001:db8::1', 1, 5, 21],
  ['2001:db8:1:2::9', 1, 6, 25],
  ['2a02:8108:8340:1::5', 1, 6, 25],
  ['fe80::1', 2, 8, 33],
]

test('a source has the partition that it has always had', () => {
  for (const [text, of3, of12, of50] of GOLDEN) {
    const source = address(text)
    assert.deepEqual(
      [3, 12, 50].map((count) => partitionOf(source, count)),
      [of3, of12, of50],
      text,
    )
  }
})

test('all of a source prefix has one partition and one key, and no other prefix has that key', () => {
  fc.assert(
    fc.property(anyAddress, anyAddress, fc.integer({ min: 1, max: 1000 }), (a, b, partitions) => {
      const partition = partitionOf(a, partitions)
      assert.ok(Number.isInteger(partition) && partition >= 0 && partition < partitions)
      const together = prefixContains(prefixOfSource(a), b)
      assert.equal(sourceKey(a) === sourceKey(b), together)
      assert.equal(partitionOf(prefixOfSource(a).address, partitions), partition)
    }),
  )
})

test('a key is the bytes of the prefix', () => {
  assert.equal(sourceKey(address('203.0.113.9')), '\xcb\x00\x71\x09')
  assert.equal(sourceKey(address('2001:db8:1:2::9')), '\x20\x01\x0d\xb8\x00\x01\x00\x02')
  assert.equal(printPrefix(prefixOfSource(address('2001:db8:1:2::9'))), '2001:db8:1:2::/64')
  assert.equal(printPrefix(prefixOfSource(address('203.0.113.9'))), '203.0.113.9')
})

test('neighbours spread over the partitions alike', () => {
  for (const [shift, partitions] of [
    [0, 12],
    [8, 12],
    [16, 7],
    [24, 5],
  ] as const) {
    const counts = new Array<number>(partitions).fill(0)
    const sources = shift === 24 ? 256 : 12_000
    for (let i = 0; i < sources; i++) {
      const partition = partitionOf(Int32Array.of(0, 0, 0xffff, (i << shift) + 7), partitions)
      counts[partition] = (counts[partition] as number) + 1
    }
    const mean = sources / partitions
    for (const count of counts) assert.ok(Math.abs(count - mean) < 5 * Math.sqrt(mean), String(counts))
  }
})
