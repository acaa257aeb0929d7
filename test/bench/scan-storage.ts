/**
 * `npm run bench:fold`, first half: microseconds of CPU to store a source's scan and to restore it, and its bytes, by packets sent.
 */
import { PICKET_POLICY, PicketMethod, readStoredScan, ScanWriter } from '@picket/detector'
import { newPacket, type Packet, SYN, setV4 } from '@picket/schemas'
import { report } from './measure.ts'

const WAYS = {
  vertical: (packet: Packet, i: number): void => {
    packet.dpt = 1 + (i % 65535)
  },
  horizontal: (packet: Packet, i: number): void => {
    setV4(packet.dst, (10 << 24) | i)
  },
} as const

const ROUNDS = 5
/** Words of scans handled in a round, about. */
const WORK = 4_000_000

function probe(): Packet {
  const packet = newPacket()
  setV4(packet.src, (203 << 24) | 9)
  setV4(packet.dst, (10 << 24) | 1)
  const plain = { proto: 6, spt: 40_000, dpt: 23, flags: SYN, len: 44, ttl: 50, reporter: 'web1' }
  return Object.assign(packet, plain, { verdict: 'drop' as const })
}

function microseconds(times: number, run: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    for (let i = 0; i < times; i++) run()
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / times)
  }
  return best
}

function measure(way: keyof typeof WAYS, packets: number): void {
  const method = new PicketMethod(PICKET_POLICY)
  const packet = probe()
  const scan = method.open(packet)
  for (let i = 0; i < packets; i++) {
    WAYS[way](packet, i)
    method.fold(scan, packet, 'probe', Date.UTC(2026, 10, 23) + i * 100)
  }
  const writer = new ScanWriter(method)
  const bytes = writer.write(scan, 1_000_000).slice()
  const times = Math.ceil(WORK / bytes.length)
  report('scan-storage', {
    way,
    packets,
    bytes: bytes.length,
    storeMicroseconds: microseconds(times, () => {
      writer.write(scan, 1_000_000)
    }),
    restoreMicroseconds: microseconds(times, () => {
      const stored = readStoredScan(bytes)
      const restored = stored && method.restore(stored.state)
      if (restored === undefined) throw new Error('The bytes are no scan')
      method.close(restored)
    }),
  })
}

for (const way of ['vertical', 'horizontal'] as const) {
  for (const packets of [1, 3, 100, 10_000]) measure(way, packets)
}
