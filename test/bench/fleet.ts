/**
 * `npm run bench:fleet`: what one detector process takes in, with a real broker and a real Redis on the same machine.
 *
 * The figure is packets per second of the detector's own CPU, all its threads; start-up is taken off. The rival is the plain way:
 * one record a packet, one HINCRBY a packet, by the same client libraries in the same run.
 */
import { parseArgs } from 'node:util'
import { RealFleet } from '../fleet/real-fleet.ts'
import { type TrafficRequest, traffic } from '../fleet/traffic.ts'
import { plainPacketsPerCpuSecond } from './fleet-plain.ts'
import { report } from './measure.ts'
import { cpuSeconds, load, peakRssMb } from './process-numbers.ts'

const PARTITIONS = 4

type Shape = Pick<TrafficRequest, 'sources' | 'packetsPerBatch' | 'agents'>

const SHAPES: Readonly<Record<string, Shape>> = {
  zipf: { sources: 10_000, packetsPerBatch: 1_000, agents: 4 },
  new: { sources: Number.POSITIVE_INFINITY, packetsPerBatch: 1_000, agents: 4 },
  light: { sources: 10_000, packetsPerBatch: 5, agents: 200 },
}

async function measureShape(name: string, shape: Shape, packets: number, aof: boolean): Promise<void> {
  const redis = aof ? { appendonly: true, appendfsync: 'everysec' as const } : {}
  const fleet = await RealFleet.start({ partitions: PARTITIONS, redis })
  try {
    const detector = await fleet.process('detector', { detector: { concurrency: PARTITIONS } })
    detector.start()
    await detector.ready()
    const before = cpuSeconds(detector.pid)
    const request = {
      ...shape,
      seed: 1,
      packets,
      partitions: PARTITIONS,
      from: Date.now() - 60_000,
      stepMs: 60_000 / packets,
    }
    const began = performance.now()
    await fleet.publish(traffic(request))
    const published = performance.now()
    await fleet.settled()
    const wall = (performance.now() - began) / 1_000
    const cpu = cpuSeconds(detector.pid) - before
    report('fleet', {
      shape: name,
      aof: aof ? 'everysec' : 'off',
      packets,
      packetsPerCpuSecond: packets / cpu,
      wallSeconds: wall,
      publishSeconds: (published - began) / 1_000,
      redisCpuSeconds: cpuSeconds(fleet.redis.pid),
      alerts: await detector.metric('picket_detector_alerts_total'),
      rssMb: peakRssMb(detector.pid),
      load: load(),
    })
    await detector.stop()
  } finally {
    await fleet.stop()
  }
}

const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '1000000' },
    shape: { type: 'string' },
    aof: { type: 'string', default: 'both' },
    plain: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
for (const [name, shape] of Object.entries(SHAPES)) {
  if (values.shape !== undefined && values.shape !== name) continue
  const packets = Number(values.packets) / (name === 'zipf' ? 1 : 4)
  for (const aof of values.aof === 'both' ? [false, true] : [values.aof === 'everysec']) {
    await measureShape(name, shape, packets, aof)
  }
}
if (values.plain) report('fleet-plain', { packetsPerCpuSecond: await plainPacketsPerCpuSecond() })
process.exit(0)
