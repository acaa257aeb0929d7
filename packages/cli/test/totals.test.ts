import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newPacket, type Packet, parseAddress, printAddress } from '@picket/schemas'
import fc from 'fast-check'
import { NameTally } from '../src/analyze/name-tally.ts'
import { SourceTable } from '../src/analyze/source-table.ts'
import { Timeline } from '../src/analyze/timeline.ts'
import { Totals } from '../src/analyze/totals.ts'

const START = Date.UTC(2026, 10, 23, 15, 0, 0)

test('the timeline of packets is the same in whatever order they come', () => {
  const offsets = fc.array(fc.nat(40 * 86_400_000), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(offsets, (times) => {
      const forth = timelineOf(times)
      assert.deepEqual(timelineOf([...times].reverse()), forth)
      assert.equal(
        forth?.packets.reduce((sum, count) => sum + count, 0),
        times.length,
      )
    }),
  )
})

test('the timeline coarsens its step instead of growing', () => {
  const counts = timelineOf([0, 365 * 86_400_000])
  assert.ok(counts !== undefined && counts.packets.length <= 512)
  assert.equal(counts.packets[0], 1)
  assert.equal(counts.packets.at(-1), 1)
})

test('the source table counts as a map does, and lists the busiest first', () => {
  const sources = fc.array(fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 9 })), { maxLength: 2000 })
  fc.assert(
    fc.property(sources, (seen) => {
      const table = new SourceTable()
      const expected = new Map<string, number>()
      for (const [last, packets] of seen) {
        const address = Int32Array.of(0x20010db8, last % 7, last, last * 31)
        table.add(address, packets)
        expected.set(printAddress(address), (expected.get(printAddress(address)) ?? 0) + packets)
      }
      const top = table.top(10_000)
      assert.equal(table.size, expected.size)
      assert.deepEqual(new Map(top.map(({ source, packets }) => [source, packets])), expected)
      assert.ok(top.every(({ packets }, at) => at === 0 || packets <= (top[at - 1]?.packets ?? 0)))
    }),
    { numRuns: 50 },
  )
})

test('the source table grows past its first size without losing anyone', () => {
  const table = new SourceTable()
  for (let last = 0; last < 20_000; last++) table.add(Int32Array.of(0, 0, 0xffff, last), 1)
  assert.equal(table.size, 20_000)
  assert.equal(table.top(1)[0]?.source, '0.0.0.0')
})

test('names are tallied, the commonest first', () => {
  const tally = new NameTally()
  for (const name of ['b', 'a', 'a', 'b', 'a']) tally.add(name, 1)
  assert.deepEqual(tally.top(), [
    { name: 'a', packets: 3 },
    { name: 'b', packets: 2 },
  ])
})

test('a port counts as scanned only where the packet was a probe', () => {
  const totals = new Totals()
  totals.add(packetTo(22), 'probe')
  totals.add(packetTo(40_000), 'backscatter')
  totals.add({ ...packetTo(53), proto: 17, count: 3 }, 'probe')
  assert.deepEqual(totals.topPorts(5), [
    { port: 'udp/53', packets: 3 },
    { port: 'tcp/22', packets: 1 },
  ])
  assert.deepEqual(totals.protocols(), { udp: 3, tcp: 2 })
  assert.equal(totals.packets, 5)
})

test('a packet whose line names no protocol is counted apart', () => {
  const totals = new Totals()
  totals.add({ ...packetTo(-1), proto: -1 }, 'probe')
  assert.deepEqual(totals.protocols(), { unnamed: 1 })
})

function timelineOf(offsets: readonly number[]) {
  const timeline = new Timeline()
  for (const offset of offsets) timeline.add(START + offset, 1)
  return timeline.counts()
}

function packetTo(port: number): Packet {
  const packet = newPacket()
  packet.time = START
  packet.src.set(parseAddress('203.0.113.9') ?? [])
  packet.proto = 6
  packet.dpt = port
  return packet
}
