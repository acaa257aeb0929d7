/**
 * Totals: what a log holds, beside the judgement: the busiest sources, ports, prefixes, protocols.
 *
 * Called once per packet, hence typed arrays and interned names. Ports count only where the packet
 * was a probe: "scanned ports" must not list where the answers to our own questions came in.
 */
import { isFolded, type Observation } from '@picket/detector'
import { type Packet, PROTOCOL, protocolName } from '@picket/schemas'
import { NameTally } from './name-tally.ts'
import { SourceTable } from './source-table.ts'
import { Timeline } from './timeline.ts'

const PORTS = 65_536
/** Protocols whose headers hold ports that the line shows. */
const WITH_PORTS = [PROTOCOL.TCP, PROTOCOL.UDP, PROTOCOL.UDPLITE] as const
/** Slot of a packet whose line names no protocol (IPv6 ESP, see lab.md). */
const UNNAMED = 256

export class Totals {
  packets = 0
  from: number = Number.NaN
  to: number = Number.NaN
  readonly sources: SourceTable = new SourceTable()
  readonly prefixes: NameTally = new NameTally()
  readonly reporters: NameTally = new NameTally()
  readonly timeline: Timeline = new Timeline()
  readonly #protocols = new Float64Array(UNNAMED + 1)
  readonly #ports = new Uint32Array(WITH_PORTS.length * PORTS)

  add(packet: Packet, observation: Observation): void {
    const count = packet.again ? 0 : packet.count
    this.packets += count
    this.#stretch(packet.time)
    this.timeline.add(packet.time, count)
    this.sources.add(packet.src, count)
    this.prefixes.add(packet.prefix, packet.count)
    this.reporters.add(packet.reporter, count)
    const protocol = packet.proto < 0 ? UNNAMED : packet.proto
    this.#protocols[protocol] = (this.#protocols[protocol] as number) + count
    if (packet.dpt >= 0 && isFolded(observation)) this.#addPort(packet.proto, packet.dpt, packet.count)
  }

  /** Packets by protocol, the commonest first. */
  protocols(): Record<string, number> {
    const counted = [...this.#protocols].map((packets, number) => ({ number, packets }))
    const met = counted.filter(({ packets }) => packets > 0).sort((a, b) => b.packets - a.packets)
    return Object.fromEntries(met.map(({ number, packets }) => [nameOf(number), packets]))
  }

  topPorts(count: number): { port: string; packets: number }[] {
    const met: number[] = []
    for (let slot = 0; slot < this.#ports.length; slot++) {
      if (this.#ports[slot] !== 0) met.push(slot)
    }
    met.sort((a, b) => (this.#ports[b] as number) - (this.#ports[a] as number) || a - b)
    return met.slice(0, count).map((slot) => {
      const protocol = WITH_PORTS[Math.floor(slot / PORTS)] as number
      return { port: `${protocolName(protocol)}/${slot % PORTS}`, packets: this.#ports[slot] as number }
    })
  }

  #stretch(time: number): void {
    if (!(time >= this.from)) this.from = time
    if (!(time <= this.to)) this.to = time
  }

  #addPort(protocol: number, port: number, count: number): void {
    const bank = protocol === PROTOCOL.TCP ? 0 : protocol === PROTOCOL.UDP ? 1 : 2
    if (bank === 2 && protocol !== PROTOCOL.UDPLITE) return
    const slot = bank * PORTS + port
    this.#ports[slot] = (this.#ports[slot] as number) + count
  }
}

function nameOf(number: number): string {
  return number === UNNAMED ? 'unnamed' : protocolName(number)
}
