/**
 * BusiestPorts: packets of probes by tcp/22 and the like, as `Busiest` counts names.
 *
 * A message's packets are counted in an array first, since a scanner names another port with each.
 */
import { PROTOCOL, protocolName } from '@picket/schemas'
import { Busiest } from './busiest.ts'

const PORTS = 65_536
/** Protocols whose headers hold ports that the line shows; a bank of the array for each. */
const WITH_PORTS = [PROTOCOL.TCP, PROTOCOL.UDP, PROTOCOL.UDPLITE] as const
const NAMES = WITH_PORTS.map(protocolName)

export class BusiestPorts {
  private readonly counts = new Uint32Array(WITH_PORTS.length * PORTS)
  private readonly met: number[] = []
  private readonly busiest: Busiest<number>

  constructor(counts: Readonly<Record<string, number>> = {}) {
    const slots = Object.entries(counts).map(([name, count]) => [slotOf(name), count] as const)
    this.busiest = new Busiest(slots.filter(([slot]) => slot >= 0))
  }

  add(proto: number, port: number, count: number): void {
    const bank = bankOf(proto)
    if (bank < 0 || port < 0 || port >= PORTS) return
    const slot = bank * PORTS + port
    const before = this.counts[slot] as number
    if (before === 0) this.met.push(slot)
    this.counts[slot] = before + count
  }

  endMessage(): void {
    for (const slot of this.met) {
      this.busiest.add(slot, this.counts[slot] as number)
      this.counts[slot] = 0
    }
    this.met.length = 0
    this.busiest.endMessage()
  }

  toRecord(): Record<string, number> {
    return Object.fromEntries(this.busiest.entries().map(([slot, count]) => [nameOf(slot), count]))
  }
}

function bankOf(proto: number): number {
  if (proto === PROTOCOL.TCP) return 0
  if (proto === PROTOCOL.UDP) return 1
  return proto === PROTOCOL.UDPLITE ? 2 : -1
}

function nameOf(slot: number): string {
  return `${NAMES[slot >>> 16]}/${slot & 0xffff}`
}

function slotOf(name: string): number {
  const [protocol = '', port = ''] = name.split('/')
  const bank = NAMES.indexOf(protocol)
  return bank < 0 ? -1 : bank * PORTS + Number(port)
}
