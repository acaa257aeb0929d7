import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { copyPacket, newPacket, type Packet, parseAddress } from '../../src/index.ts'
import {
  BatchReader,
  BatchWriter,
  MAX_BATCH_RECORDS,
  MESSAGES,
  type PacketBatch,
  type PacketRecord,
} from '../../src/messages/index.ts'
import { anyPacket, told } from './packets.ts'

const HEAD = { agent: 'a'.repeat(32), reporter: 'gate', site: '', number: 3, sealed: 1 }
const TIME = Date.UTC(2026, 10, 22)

/** Through bytes, as a detector gets it. */
function sent(batch: PacketBatch): PacketBatch {
  const decoded = MESSAGES.packetBatch.decode(MESSAGES.packetBatch.encode(batch))
  assert.ok(decoded.ok)
  return decoded.value
}

function read(batch: PacketBatch): Packet[] {
  const packets: Packet[] = []
  const outcome = new BatchReader().read(batch, newPacket(), 77, (packet) => packets.push(copyPacket(packet)))
  assert.deepEqual(outcome, { ok: true })
  return packets
}

function packetAt(ms: number, fields: Partial<Packet> = {}): Packet {
  return { ...newPacket(), time: TIME + ms, reporter: 'gate', prefix: 'DROP ', ttl: 60, ...fields }
}

test('packets that are written are the packets that are read', () => {
  const writer = new BatchWriter(5)
  fc.assert(
    fc.property(fc.array(anyPacket, { minLength: 1, maxLength: 300 }), (packets) => {
      for (const packet of packets) writer.add(packet, undefined)
      const batch = sent(writer.seal(HEAD))
      assert.ok(writer.isEmpty)
      assert.deepEqual(read(batch).map(told), packets.map(told))
    }),
    { numRuns: 60 },
  )
})

test('a thousand addresses and a thousand byte strings keep their places', () => {
  const writer = new BatchWriter()
  const packets = Array.from({ length: 1000 }, (_, i) => {
    const line = new TextEncoder().encode(`OPT (${i})`)
    const src = Int32Array.of(0, 0, 0xffff, i * 7919)
    return packetAt(i, {
      src,
      dst: Int32Array.of(...[0, 1, 2].map((word) => (i % 3 === word ? i : 0)), 1),
      line,
      tcpOptions: { start: 4, end: line.length },
    })
  })
  for (const packet of [...packets, ...packets]) writer.add(packet, undefined)
  const batch = sent(writer.seal(HEAD))
  assert.equal(batch.addresses.length, 2000 * 16)
  assert.equal(batch.blobEnds.length, 1000)
  assert.deepEqual(read(batch).map(told), [...packets, ...packets].map(told))
})

test('a packet is known by its input, and by its batch and its place in it', () => {
  const writer = new BatchWriter()
  for (const ms of [0, 1, 2]) writer.add(packetAt(ms), undefined)
  const packets = read(sent(writer.seal(HEAD)))
  assert.deepEqual(
    packets.map(({ input, offset }) => [input, offset]),
    [
      [77, 3 * 8192],
      [77, 3 * 8192 + 1],
      [77, 3 * 8192 + 2],
    ],
  )
})

test('a folded record is told as its first packet and as all others at the moment of the last', () => {
  const writer = new BatchWriter()
  const index = writer.add(packetAt(10), undefined)
  writer.fold(index, packetAt(500, { ttl: 58 }))
  writer.fold(index, packetAt(5, { ttl: 64, count: 3 }))
  writer.addFolded(packetAt(20), { lastTime: TIME + 90, count: 7, ttlHigh: 61 }, undefined)
  const told = read(sent(writer.seal(HEAD))).map(({ time, count, ttl, offset }) => [
    time - TIME,
    count,
    ttl,
    offset,
  ])
  assert.deepEqual(told, [
    [5, 1, 58, 24576],
    [500, 4, 64, 24576],
    [20, 1, 60, 24577],
    [90, 6, 61, 24577],
  ])
})

test('packets of one moment that look alike are one packet with a count', () => {
  const writer = new BatchWriter()
  writer.add(packetAt(0, { count: 3 }), undefined)
  const packets = read(sent(writer.seal(HEAD)))
  assert.deepEqual(
    packets.map(({ count }) => count),
    [3],
  )
})

test('a reporter that the line does not name is the one that sealed the batch', () => {
  const writer = new BatchWriter()
  writer.add(packetAt(0, { reporter: '' }), undefined)
  writer.add(packetAt(0, { reporter: 'other' }), undefined)
  assert.deepEqual(
    read(sent(writer.seal(HEAD))).map(({ reporter }) => reporter),
    ['gate', 'other'],
  )
})

test('user, group, mark and a time that is the arrival stand in the record', () => {
  const writer = new BatchWriter()
  writer.add(packetAt(0), { uid: 1000, gid: 4294967294, mark: 255, arrival: true })
  const [record] = sent(writer.seal(HEAD)).packets
  assert.deepEqual([record?.uid, record?.gid, record?.mark, record?.bits], [1000, 4294967294, 255, 8])
})

test('a writer takes no packet of another month and none beyond the most, and says so before', () => {
  const writer = new BatchWriter()
  for (let i = 0; i < MAX_BATCH_RECORDS; i++) writer.add(packetAt(i), undefined)
  assert.equal(writer.fits(TIME), false)
  assert.throws(() => writer.add(packetAt(0), undefined), RangeError)
  writer.seal(HEAD)
  writer.add(packetAt(0), undefined)
  assert.equal(writer.fits(TIME + 86_400_000), true)
  assert.equal(writer.fits(TIME + 30 * 86_400_000), false)
  assert.throws(() => writer.fold(0, packetAt(-30 * 86_400_000)), RangeError)
})

test('what a writer says that its batch will weigh is near what it weighs', () => {
  const writer = new BatchWriter()
  const src = parseAddress('203.0.113.9') as Int32Array
  for (let i = 0; i < 1000; i++) {
    const fields = {
      proto: 6,
      spt: 40_000 + i,
      dpt: i,
      flags: 2,
      len: 60,
      id: i * 60,
      window: 64_240,
      seq: 4e6 * i,
    }
    writer.add(packetAt(i, { ...fields, src }), undefined)
  }
  const estimate = writer.bytesEstimate
  const bytes = MESSAGES.packetBatch.encode(writer.seal(HEAD)).length
  assert.ok(estimate > bytes * 0.9 && estimate < bytes * 1.5, `${estimate} for ${bytes}`)
})

/** A batch of two packets, its second record changed. */
function spoiled(record: Partial<PacketRecord>, batch: Partial<PacketBatch> = {}): PacketBatch {
  const writer = new BatchWriter()
  const line = Uint8Array.of(1, 2, 3)
  for (const ms of [0, 1]) writer.add(packetAt(ms, { line, mac: { start: 0, end: 3 } }), undefined)
  const made = writer.seal(HEAD)
  const [first, second] = made.packets
  return { ...made, packets: [first as PacketRecord, { ...(second as PacketRecord), ...record }], ...batch }
}

test('a batch that refers to what it does not hold is broken, and none of it is told', () => {
  const indexes = [
    'reporter',
    'prefix',
    'in',
    'out',
    'src',
    'dst',
    'mac',
    'tcpOptions',
    'ipOptions',
    'inner',
  ] as const
  const batches = [
    ...indexes.flatMap((field) => [spoiled({ [field]: 99 }), spoiled({ [field]: -2 })]),
    ...(['prefix', 'src', 'dst'] as const).map((field) => spoiled({ [field]: -1 })),
    spoiled({ count: 0 }),
    spoiled({ lasted: -1 }),
    spoiled({}, { blobEnds: [4] }),
    spoiled({}, { blobEnds: [-1] }),
    spoiled({}, { blobEnds: [3, 2] }),
    spoiled({}, { addresses: new Uint8Array(15) }),
    spoiled({}, { number: 0 }),
    spoiled({}, { number: 2 ** 40 }),
    spoiled({}, { packets: new Array(MAX_BATCH_RECORDS + 1).fill(spoiled({}).packets[0]) }),
  ]
  for (const batch of batches) {
    let told = 0
    const outcome = new BatchReader().read(sent(batch), newPacket(), 0, () => told++)
    assert.equal(outcome.ok ? 'ok' : outcome.reason, 'broken', JSON.stringify(batch.packets[1]))
    assert.equal(told, 0)
  }
  assert.equal(read(spoiled({})).length, 2)
})

test('a verdict that only a newer release knows is unknown', () => {
  assert.equal(read(sent(spoiled({ verdict: 40 })))[1]?.verdict, 'unknown')
})
