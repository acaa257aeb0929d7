/**
 * Totals: what a partition has seen in all. Absolute numbers that are stored with the last message counted.
 *
 * A message at or below that one is not counted again. Nothing here decides anything: it is what people are shown.
 */
import { type Packet, protocolName } from '@picket/schemas'
import type { PartitionTotals } from '@picket/schemas/messages'
import type { Scan } from '../method.ts'
import { isFolded, OBSERVATIONS, type Observation } from '../observation.ts'
import { Busiest } from './busiest.ts'
import { BusiestPorts } from './busiest-ports.ts'
import { BusiestSources } from './busiest-sources.ts'
import type { EventClock } from './event-clock.ts'

const PROTOCOLS = 256
/** Of a packet whose line names no protocol. */
const UNNAMED = 'unnamed'

export class Totals {
  offset: number
  batches: number
  packets: number
  missing: number
  repeated: number
  late: number
  ahead: number
  readonly observed: Record<Observation, number>
  private from: number
  private readonly protocols = new Float64Array(PROTOCOLS + 1)
  private readonly sources: BusiestSources
  private readonly ports: BusiestPorts
  private readonly prefixes: Busiest<string>
  private readonly reporters: Busiest<string>

  constructor(stored: PartitionTotals = NOTHING) {
    this.offset = stored.offset
    this.batches = stored.batches
    this.packets = stored.packets
    this.missing = stored.missing
    this.repeated = stored.repeated
    this.late = stored.late
    this.ahead = stored.ahead
    this.from = stored.from
    this.observed = observedOf(stored.observed)
    for (let proto = 0; proto <= PROTOCOLS; proto++) {
      this.protocols[proto] = stored.protocols[nameOf(proto)] ?? 0
    }
    this.sources = new BusiestSources(stored.sources)
    this.ports = new BusiestPorts(stored.ports)
    this.prefixes = new Busiest(Object.entries(stored.prefixes))
    this.reporters = new Busiest(Object.entries(stored.reporters))
  }

  /** Whether the message has not been counted yet. */
  isNew(offset: number): boolean {
    return offset > this.offset
  }

  /** Of a message that is new. `time` is what the packet counts for. */
  add(packet: Packet, observation: Observation, time: number, clock: EventClock): void {
    const count = packet.again ? 0 : packet.count
    this.packets += count
    if (observation === 'probe') this.observed.probe += packet.count
    else this.observed[observation] += packet.count
    if (time < this.from || this.from === 0) this.from = time
    if (clock.isLate) this.late += count
    if (clock.isAhead) this.ahead += count
    this.prefixes.add(packet.prefix, packet.count)
    this.reporters.add(packet.reporter, count)
    const proto = packet.proto < 0 ? PROTOCOLS : packet.proto
    this.protocols[proto] = (this.protocols[proto] as number) + count
    if (isFolded(observation)) this.ports.add(packet.proto, packet.dpt, packet.count)
  }

  /** A scan that the message changed. */
  see(scan: Scan): void {
    this.sources.see(scan)
  }

  endMessage(offset: number): void {
    this.offset = offset
    this.batches++
    this.ports.endMessage()
    this.prefixes.endMessage()
    this.reporters.endMessage()
  }

  /** `to` is the newest time that the broker confirms. */
  toStored(to: number): PartitionTotals {
    return {
      offset: this.offset,
      batches: this.batches,
      packets: this.packets,
      from: Math.floor(this.from),
      to: Math.floor(to),
      observed: { ...this.observed },
      protocols: this.protocolCounts(),
      sources: this.sources.toRecord(),
      ports: this.ports.toRecord(),
      prefixes: Object.fromEntries(this.prefixes.entries()),
      reporters: Object.fromEntries(this.reporters.entries()),
      missing: this.missing,
      repeated: this.repeated,
      late: this.late,
      ahead: this.ahead,
    }
  }

  private protocolCounts(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (let proto = 0; proto <= PROTOCOLS; proto++) {
      const count = this.protocols[proto] as number
      if (count > 0) counts[nameOf(proto)] = count
    }
    return counts
  }
}

function nameOf(proto: number): string {
  return proto === PROTOCOLS ? UNNAMED : protocolName(proto)
}

function observedOf(stored: Readonly<Record<string, number>>): Record<Observation, number> {
  return Object.fromEntries(OBSERVATIONS.map((name) => [name, stored[name] ?? 0])) as Record<
    Observation,
    number
  >
}

const NOTHING: PartitionTotals = {
  offset: -1,
  batches: 0,
  packets: 0,
  from: 0,
  to: 0,
  observed: {},
  protocols: {},
  sources: {},
  ports: {},
  prefixes: {},
  reporters: {},
  missing: 0,
  repeated: 0,
  late: 0,
  ahead: 0,
}
