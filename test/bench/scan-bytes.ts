/**
 * `npm run bench:scan`: the bytes that one source takes in memory, by how many packets it has sent.
 *
 * Heap and memory outside it (typed arrays) together, the detector's own tables included, after a full collection. Each
 * shape is measured in a process of its own: what an earlier one leaves behind would be taken off the next.
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Detector, NO_RULES, PICKET_POLICY, PicketMethod } from '@picket/detector'
import { newPacket, type Packet, SYN, setV4 } from '@picket/schemas'
import { report } from './measure.ts'

interface Shape {
  readonly packets: number
  readonly sources: number
}

const SHAPES: readonly Shape[] = [
  { packets: 1, sources: 20_000 },
  { packets: 3, sources: 20_000 },
  { packets: 100, sources: 2000 },
  { packets: 10_000, sources: 1_000 },
]

/** Another port of one host, or another host of one port. */
const WAYS = {
  vertical: (packet: Packet, i: number): void => {
    packet.dpt = 1 + (i % 65535)
  },
  horizontal: (packet: Packet, i: number): void => {
    setV4(packet.dst, (10 << 24) | i)
  },
} as const

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function held(): number {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function newProbe(): Packet {
  const packet = newPacket()
  setV4(packet.dst, (10 << 24) | 1)
  return Object.assign(packet, {
    proto: 6,
    spt: 40000,
    dpt: 23,
    flags: SYN,
    len: 44,
    ttl: 50,
    verdict: 'drop' as const,
  })
}

function fill(shape: Shape, way: keyof typeof WAYS): Detector {
  const method = new PicketMethod(PICKET_POLICY)
  const detector = new Detector({ method, rules: NO_RULES, maxSources: 1_000_000 })
  const probe = newProbe()
  for (let i = 0; i < shape.packets; i++) {
    WAYS[way](probe, i)
    probe.id = 1 + (i % 65535)
    for (let source = 0; source < shape.sources; source++) {
      setV4(probe.src, (100 << 24) | source)
      probe.time = Date.UTC(2026, 10, 23) + i * 100
      detector.observe(probe)
    }
  }
  return detector
}

function measureShape(way: keyof typeof WAYS, shape: Shape): void {
  fill({ packets: 3, sources: 3 }, way) // what is made once for all is there before the first measure
  const before = held()
  const detector = fill(shape, way)
  const bytes = held() - before
  report('scan-bytes', {
    way,
    ...shape,
    bytesPerSource: Math.round(bytes / shape.sources),
    ratio: bytes / shape.sources / TARGET_BYTES,
    meaning: 'bytes per source over the 4 KiB that a source may take at most',
    tracked: detector.tracked,
  })
}

/** DESIGN section 6. */
const TARGET_BYTES = 4096

const [way, index] = process.argv.slice(2)
if (way !== undefined) measureShape(way as keyof typeof WAYS, SHAPES[Number(index)] as Shape)
else {
  for (const each of Object.keys(WAYS)) {
    for (const shape of SHAPES.keys()) {
      execFileSync(process.execPath, [fileURLToPath(import.meta.url), each, String(shape)], {
        stdio: 'inherit',
      })
    }
  }
}
