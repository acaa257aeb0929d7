/**
 * Traffic of a fleet, as batches that agents would publish: seeded, so that a run can be replayed.
 *
 * Times are close to now, since the broker's time of appending bounds them. Three shapes: sources by Zipf's law, a new source
 * with every packet, and small batches of many light agents.
 */
import { type Address, mix, newPacket, type Packet, PROTOCOL, partitionOf, SYN, setV4 } from '@picket/schemas'
import { BatchWriter, MESSAGES } from '@picket/schemas/messages'
import { Random } from '../generate/random.ts'

export interface TrafficRequest {
  readonly seed: number
  readonly packets: number
  readonly partitions: number
  readonly packetsPerBatch: number
  readonly agents: number
  /** Agents before them that others are. */
  readonly agentsBefore?: number
  /** Distinct sources; Infinity: a new one with every packet. */
  readonly sources: number
  /** Sources before them that others are. */
  readonly sourcesBefore?: number
  /** Of the first packet, ms since 1970 UTC. */
  readonly from: number
  /** Between two packets of all agents together. */
  readonly stepMs: number
  /** How far the first agent's clock is ahead. */
  readonly firstAheadMs?: number
}

export interface TrafficBatch {
  readonly partition: number
  readonly value: Uint8Array
  readonly packets: number
}

const HOSTS = 250
const PORTS = 1_024
/** Of ten sources one scans; the others knock at the same one to three doors again and again, as most of the Internet's noise does. */
const SCANNERS_IN = 10
const MOST_DOORS = 3

/** To be given again for more traffic of the same machines: their batches' numbers go on. */
export function agentsFor(request: TrafficRequest): Agent[] {
  return Array.from({ length: request.agents }, (_, i) => new Agent((request.agentsBefore ?? 0) + i, request))
}

/** Batches in the order in which they are published. */
export function* traffic(
  request: TrafficRequest,
  agents: readonly Agent[] = agentsFor(request),
): Generator<TrafficBatch> {
  const random = new Random(request.seed)
  const pickSource = sourcesOf(request, random)
  const packet = newPacket()
  for (let i = 0; i < request.packets; i++) {
    const agent = agents[i % agents.length] as Agent
    const ahead = agent === agents[0] ? (request.firstAheadMs ?? 0) : 0
    probe(packet, pickSource(i), random, request.from + i * request.stepMs + ahead)
    yield* agent.send(packet)
  }
  for (const agent of agents) yield* agent.flush()
}

function sourcesOf({ sources, sourcesBefore = 0 }: TrafficRequest, random: Random): (i: number) => number {
  if (!Number.isFinite(sources)) return (i) => sourcesBefore + i
  const zipf = new Zipf(sources)
  return () => sourcesBefore + zipf.draw(random.next())
}

function probe(packet: Packet, source: number, random: Random, time: number): void {
  const mixed = mix(source + 1) >>> 0
  setV4(packet.src, 0x2d000000 + (mixed >>> 8))
  const door =
    mixed % SCANNERS_IN === 0
      ? random.between(0, HOSTS * PORTS - 1)
      : mixed + random.between(0, mixed % MOST_DOORS)
  setV4(packet.dst as Address, 0x0a000000 + 1 + (door % HOSTS))
  packet.time = Math.floor(time)
  packet.reporter = ''
  packet.prefix = 'DROP '
  packet.verdict = 'drop'
  packet.in = 'eth0'
  packet.proto = PROTOCOL.TCP
  packet.spt = random.between(1_024, 65_535)
  packet.dpt = 1 + (Math.floor(door / HOSTS) % PORTS)
  packet.flags = SYN
  packet.len = 44
  packet.ttl = random.between(37, 59)
  packet.id = random.between(1, 65_535)
  packet.window = 1_024
  packet.tos = 0
  packet.seq = random.between(0, 2 ** 32 - 1)
  packet.ack = 0
}

/** An agent as the collector is one: a batch for each partition, numbered from 1. */
export class Agent {
  readonly #id: string
  readonly #request: TrafficRequest
  readonly #writers: BatchWriter[]
  readonly #numbers: number[]

  constructor(index: number, request: TrafficRequest) {
    this.#id = (index + 1).toString(16).padStart(32, '0')
    this.#request = request
    this.#writers = Array.from({ length: request.partitions }, () => new BatchWriter())
    this.#numbers = new Array(request.partitions).fill(0)
  }

  *send(packet: Packet): Generator<TrafficBatch> {
    const partition = partitionOf(packet.src, this.#request.partitions)
    const writer = this.#writers[partition] as BatchWriter
    writer.add(packet, undefined)
    if (writer.records >= this.#request.packetsPerBatch) yield this.#seal(partition, writer)
  }

  *flush(): Generator<TrafficBatch> {
    for (const [partition, writer] of this.#writers.entries()) {
      if (!writer.isEmpty) yield this.#seal(partition, writer)
    }
  }

  #seal(partition: number, writer: BatchWriter): TrafficBatch {
    const number = (this.#numbers[partition] ?? 0) + 1
    this.#numbers[partition] = number
    const packets = writer.records
    const reporter = `host${Number.parseInt(this.#id, 16)}`
    const head = { agent: this.#id, reporter, site: '', number, sealed: this.#request.from }
    return { partition, packets, value: MESSAGES.packetBatch.encode(writer.seal(head)) }
  }
}

/** Draws 0, 1, 2, … with a probability that falls as 1, 1/2, 1/3, … */
class Zipf {
  readonly #sums: Float64Array

  constructor(count: number) {
    this.#sums = new Float64Array(count)
    let sum = 0
    for (let i = 0; i < count; i++) {
      sum += 1 / (i + 1)
      this.#sums[i] = sum
    }
  }

  draw(uniform: number): number {
    const wanted = uniform * (this.#sums.at(-1) ?? 0)
    let low = 0
    let high = this.#sums.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#sums[middle] as number) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}
