/**
 * Run totals: what was logged in all, beside the judgement.
 *
 * As the totals of a report, but bounded for a process that never ends: sources are not counted here
 * (the detector knows the telling ones), and prefixes only up to a number, as strangers may choose them.
 */
import { isFolded, type Observation } from '@picket/detector'
import { type Packet, PROTOCOL, protocolName } from '@picket/schemas'

const PORTS = 65_536
const PROTOCOLS = 257
/** Slot of a packet whose line names no protocol. */
const UNNAMED = 256
const MAX_PREFIXES = 1_000

export interface TotalsState {
  readonly packets: number
  readonly from: number
  readonly to: number
  readonly protocols: Float64Array
  /** Slots of `#ports` that are not 0, and their counts. */
  readonly portSlots: readonly number[]
  readonly portCounts: readonly number[]
  readonly prefixes: ReadonlyMap<string, number>
}

export class RunTotals {
  packets = 0
  from: number = Number.NaN
  to: number = Number.NaN
  #protocols = new Float64Array(PROTOCOLS)
  readonly #ports = new Float64Array(2 * PORTS)
  #prefixes = new Map<string, number>()

  add(packet: Packet, observation: Observation): void {
    const { time, proto, prefix } = packet
    const count = packet.again ? 0 : packet.count
    this.packets += count
    if (!(time >= this.from)) this.from = time
    if (!(time <= this.to)) this.to = time
    const protocol = proto < 0 ? UNNAMED : proto
    this.#protocols[protocol] = (this.#protocols[protocol] as number) + count
    if (packet.dpt >= 0 && isFolded(observation)) this.#addPort(proto, packet.dpt, packet.count)
    const known = this.#prefixes.get(prefix)
    if (known !== undefined || this.#prefixes.size < MAX_PREFIXES)
      this.#prefixes.set(prefix, (known ?? 0) + packet.count)
  }

  #addPort(protocol: number, port: number, count: number): void {
    if (protocol !== PROTOCOL.TCP && protocol !== PROTOCOL.UDP) return
    const slot = protocol === PROTOCOL.TCP ? port : PORTS + port
    this.#ports[slot] = (this.#ports[slot] as number) + count
  }

  protocols(): Record<string, number> {
    const met = [...this.#protocols].map((packets, number) => ({ number, packets }))
    const sorted = met.filter(({ packets }) => packets > 0).sort((a, b) => b.packets - a.packets)
    return Object.fromEntries(
      sorted.map(({ number, packets }) => [number === UNNAMED ? 'unnamed' : protocolName(number), packets]),
    )
  }

  topPorts(count: number): { port: string; packets: number }[] {
    const { portSlots: slots } = this.capture()
    const busiest = [...slots].sort((a, b) => this.#at(b) - this.#at(a) || a - b).slice(0, count)
    return busiest.map((slot) => ({
      port: `${slot < PORTS ? 'tcp' : 'udp'}/${slot % PORTS}`,
      packets: this.#at(slot),
    }))
  }

  topPrefixes(count: number): { prefix: string; packets: number }[] {
    const all = [...this.#prefixes].map(([prefix, packets]) => ({ prefix, packets }))
    return all.sort((a, b) => b.packets - a.packets || (a.prefix < b.prefix ? -1 : 1)).slice(0, count)
  }

  #at(slot: number): number {
    return this.#ports[slot] as number
  }

  capture(): TotalsState {
    const portSlots: number[] = []
    for (let slot = 0; slot < this.#ports.length; slot++) if (this.#at(slot) !== 0) portSlots.push(slot)
    return {
      packets: this.packets,
      from: this.from,
      to: this.to,
      protocols: this.#protocols,
      portSlots,
      portCounts: portSlots.map((slot) => this.#at(slot)),
      prefixes: this.#prefixes,
    }
  }

  restore(state: TotalsState): void {
    this.packets = state.packets
    this.from = state.from
    this.to = state.to
    this.#protocols = Float64Array.from(state.protocols)
    this.#prefixes = new Map(state.prefixes)
    for (const [i, slot] of state.portSlots.entries()) this.#ports[slot] = state.portCounts[i] ?? 0
  }
}
