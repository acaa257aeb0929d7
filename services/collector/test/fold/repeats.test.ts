import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newPacket, type Packet, setV4 } from '@picket/schemas'
import { BatchWriter, type PacketRecord } from '@picket/schemas/messages'
import fc from 'fast-check'
import { FOLD_SPAN_MS, Repeats, WHOLE_PACKETS } from '../../src/fold/repeats.ts'

const START = Date.UTC(2026, 10, 23)

function packetOf(fields: Partial<Packet> & { readonly from?: number; readonly to?: number } = {}): Packet {
  const { from = 1, to = 2, ...rest } = fields
  const packet = newPacket()
  Object.assign(packet, {
    time: START,
    proto: 6,
    spt: 40_000,
    dpt: 22,
    flags: 2,
    ttl: 60,
    in: 'eth0',
    ...rest,
  })
  setV4(packet.src, from)
  setV4(packet.dst, to)
  return packet
}

/** The records that the packets become, as a batcher makes them. */
function fold(packets: readonly Packet[], whole = WHOLE_PACKETS, isTimed = true): readonly PacketRecord[] {
  const writer = new BatchWriter()
  const repeats = new Repeats()
  for (const packet of packets) {
    const next = writer.records
    const record = repeats.place(packet, isTimed, next, whole)
    if (record === next) writer.add(packet, undefined)
    else writer.fold(record, packet)
  }
  return writer.seal({ agent: 'a', reporter: 'r', site: '', number: 1, sealed: 0 }).packets
}

const times = (count: number, make: (n: number) => Packet): Packet[] =>
  Array.from({ length: count }, (_, n) => make(n))

test('the first four of a kind stay whole, and all others become one record', () => {
  const records = fold(times(1000, (n) => packetOf({ spt: 40_000 + n })))
  assert.deepEqual(
    records.map(({ count, spt }) => [count, spt]),
    [
      [1, 40_000],
      [1, 40_001],
      [1, 40_002],
      [1, 40_003],
      [996, 40_004],
    ],
  )
})

test('folding harder keeps none whole', () => {
  assert.deepEqual(
    fold(
      times(1000, (n) => packetOf({ spt: n })),
      0,
    ).map(({ count }) => count),
    [1000],
  )
})

test('a million SYNs to one port are five records', () => {
  const packet = packetOf()
  const repeats = new Repeats()
  let records = 0
  for (let n = 0; n < 1_000_000; n++) {
    packet.spt = n & 0xffff
    packet.time = START + n / 100
    if (repeats.place(packet, true, records, WHOLE_PACKETS) === records) records++
  }
  assert.equal(records, 5)
})

test('what differs in anything that the key names is never folded together', () => {
  const kinds: Partial<Packet>[] = [
    {},
    { dpt: 23 },
    { proto: 17 },
    { flags: 16 },
    { in: 'eth1' },
    { out: 'eth1' },
    { verdict: 'drop' },
    { reporter: 'web1' },
    { prefix: '[X] ' },
    { again: true },
    { incomplete: true },
    { toMany: true },
    { icmpType: 3 },
    { icmpType: 3, icmpCode: 1 },
    { dpt: -1, icmpType: 0 },
  ]
  const packets = times(10, () => packetOf()).flatMap(() => kinds.map((kind) => packetOf(kind)))
  packets.push(...times(10, () => packetOf({ from: 9 })), ...times(10, () => packetOf({ to: 9 })))
  const records = fold(packets)
  const folded = records.filter(({ count }) => count > 1)
  assert.equal(folded.length, kinds.length + 2)
  assert.ok(folded.every(({ count }) => count === 6))
})

test('a line without a time of its own is not folded with one that has it', () => {
  const repeats = new Repeats()
  const packet = packetOf()
  const placed = [true, false, true, false].map((isTimed, next) => repeats.place(packet, isTimed, next, 0))
  assert.deepEqual(placed, [0, 1, 0, 1])
})

test('after a clear the next batch begins with whole packets', () => {
  const repeats = new Repeats()
  const packet = packetOf()
  for (let n = 0; n < 10; n++) repeats.place(packet, true, Math.min(n, 4), WHOLE_PACKETS)
  repeats.clear()
  assert.equal(repeats.place(packet, true, 0, WHOLE_PACKETS), 0)
  assert.equal(repeats.place(packet, true, 1, WHOLE_PACKETS), 1)
})

test('packets that lie a minute apart are not one record', () => {
  const records = fold(times(20, (n) => packetOf({ time: START + Math.floor(n / 10) * FOLD_SPAN_MS })))
  assert.deepEqual(
    records.map(({ count }) => count),
    [1, 1, 1, 1, 6, 1, 1, 1, 1, 6],
  )
})

const somePacket = fc.record({
  from: fc.integer({ min: 1, max: 3 }),
  dpt: fc.integer({ min: 1, max: 3 }),
  ttl: fc.integer({ min: 1, max: 255 }),
  count: fc.integer({ min: 1, max: 3 }),
  late: fc.integer({ min: -5_000, max: 100_000 }),
})

test('folding loses no packet, and the times and TTLs of a record are those of its packets', () => {
  fc.assert(
    fc.property(fc.array(somePacket, { maxLength: 200 }), fc.constantFrom(0, 4), (all, whole) => {
      const packets = all.map(({ late, ...fields }) => packetOf({ ...fields, time: START + late }))
      const writer = new BatchWriter()
      const repeats = new Repeats()
      const members = new Map<number, Packet[]>()
      for (const packet of packets) {
        const next = writer.records
        const record = repeats.place(packet, true, next, whole)
        if (record === next) writer.add(packet, undefined)
        else writer.fold(record, packet)
        members.set(record, [...(members.get(record) ?? []), packet])
      }
      const batch = writer.seal({ agent: 'a', reporter: 'r', site: '', number: 1, sealed: 0 })
      for (const [index, record] of batch.packets.entries()) {
        const own = members.get(index) ?? []
        const first = Math.min(...own.map(({ time }) => time))
        const last = Math.max(...own.map(({ time }) => time))
        assert.equal(
          record.count,
          own.reduce((sum, { count }) => sum + count, 0),
        )
        assert.equal(batch.base + record.at, first)
        assert.equal(record.lasted, last - first)
        assert.ok(record.lasted < FOLD_SPAN_MS)
        assert.equal(record.ttl, Math.min(...own.map(({ ttl }) => ttl)))
        assert.equal(record.ttlHigh, Math.max(...own.map(({ ttl }) => ttl)))
      }
    }),
  )
})

test('as many kinds as a batch may hold are each found again', () => {
  const repeats = new Repeats()
  const packet = packetOf()
  for (let n = 0; n < 8192; n++) {
    packet.dpt = n
    assert.equal(repeats.place(packet, true, n, 0), n)
  }
  for (let n = 0; n < 8192; n++) {
    packet.dpt = n
    assert.equal(repeats.place(packet, true, -1, 0), n)
  }
})
