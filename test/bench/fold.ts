/**
 * `npm run bench:fold`: what the fleet's fold costs without decoding, broker and store, beside the plain detector.
 *
 * Two traffics: ten thousand sources by Zipf's law, and a new source with every packet. The store is a Map, so what is
 * measured is folding, judging, and making the bytes that a commit writes; CPU seconds of the process, collector included.
 */
import { Detector, FleetFold, type Method, NO_RULES, PICKET_POLICY, PicketMethod } from '@picket/detector'
import { newPacket, type Packet, SYN, setV4 } from '@picket/schemas'
import { Random } from '../generate/random.ts'
import { report } from './measure.ts'

const PACKETS = 1_000_000
const SOURCES = 10_000
const A_MESSAGE = 1000
const HOSTS = 50
const PORTS = 200
/** Changed scans at which a commit ends, and messages after which it does in any case. */
const ENOUGH_CHANGES = 500
const FETCHED = 8
const START = Date.UTC(2026, 10, 23)

interface Traffic {
  readonly sources: Int32Array
  readonly hosts: Uint8Array
  readonly ports: Uint16Array
}

function traffic(shape: 'zipf' | 'new'): Traffic {
  const random = new Random(7)
  const draw = zipf(SOURCES, random)
  const sources = new Int32Array(PACKETS)
  const hosts = new Uint8Array(PACKETS)
  const ports = new Uint16Array(PACKETS)
  for (let i = 0; i < PACKETS; i++) {
    sources[i] = (100 << 24) | (shape === 'zipf' ? draw() : i)
    hosts[i] = Math.floor(random.next() * HOSTS)
    ports[i] = 1 + Math.floor(random.next() * PORTS)
  }
  return { sources, hosts, ports }
}

/** Numbers below `count`, each as often as its rank's inverse. */
function zipf(count: number, random: Random): () => number {
  const sums = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1)
    sums[rank] = sum
  }
  return () => {
    const wanted = random.next() * sum
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sums[middle] as number) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}

function newProbe(): Packet {
  const plain = { proto: 6, spt: 40_000, flags: SYN, len: 44, ttl: 50, in: 'eth0', reporter: 'web1' }
  return Object.assign(newPacket(), plain, { verdict: 'drop' as const, prefix: '[UFW BLOCK] ', input: 77 })
}

function load({ sources, hosts, ports }: Traffic, i: number, into: Packet): void {
  setV4(into.src, sources[i] as number)
  setV4(into.dst, (10 << 24) | (hosts[i] as number))
  into.dpt = ports[i] as number
  into.time = START + i
  into.offset = i
}

function observePlainly(packets: Traffic): void {
  const detector = new Detector({
    method: new PicketMethod(PICKET_POLICY),
    rules: NO_RULES,
    maxSources: 2_000_000,
    onAlert: () => {},
  })
  const packet = newProbe()
  for (let i = 0; i < PACKETS; i++) {
    load(packets, i, packet)
    detector.observe(packet)
  }
}

interface Work {
  stored: number
  bytes: number
  loaded: number
  alerts: number
}

/** A detector's process without its outside: a Map in the place of the store. */
class Fleet {
  readonly work: Work = { stored: 0, bytes: 0, loaded: 0, alerts: 0 }
  private readonly fold: FleetFold
  private readonly store = new Map<string, Uint8Array>()
  private readonly isSmall: boolean
  private readonly packet = newProbe()

  constructor(maxSources: number) {
    const method = new PicketMethod(PICKET_POLICY) as unknown as Method
    this.fold = new FleetFold({ method, maxSources })
    this.isSmall = maxSources < SOURCES
  }

  run(packets: Traffic): void {
    for (let message = 0; message < PACKETS / A_MESSAGE; message++) {
      this.read(packets, message)
      if (this.fold.changed >= ENOUGH_CHANGES || message % FETCHED === FETCHED - 1) this.commit()
    }
  }

  private read(packets: Traffic, message: number): void {
    const { fold, packet, store } = this
    const from = message * A_MESSAGE
    for (let i = from; i < from + A_MESSAGE; i++) {
      load(packets, i, packet)
      fold.want(packet)
    }
    for (const key of fold.wanted()) {
      if (fold.adopt(key, store.get(key) ?? null) === 'adopted') this.work.loaded++
    }
    fold.accept('agent', message + 1, message)
    fold.beginMessage(message, START + from + A_MESSAGE)
    for (let i = from; i < from + A_MESSAGE; i++) {
      load(packets, i, packet)
      fold.observe(packet)
    }
    fold.endMessage()
  }

  private commit(): void {
    const { scans, alerts } = this.fold.takeChanges()
    this.work.stored += scans.length
    this.work.alerts += alerts.length
    for (const { key, value } of scans) {
      this.work.bytes += value.length
      // A copy: the value lies in a piece of memory with others.
      if (this.isSmall) this.store.set(key, new Uint8Array(value))
    }
    this.fold.settle()
  }
}

function cpuSeconds(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

const ROUNDS = 3

function best(run: () => void): number {
  let seconds = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) seconds = Math.min(seconds, cpuSeconds(run))
  return seconds
}

function compare(shape: 'zipf' | 'new', maxSources: number): void {
  const packets = traffic(shape)
  const plain = best(() => observePlainly(packets))
  let { work } = new Fleet(maxSources)
  const fleet = best(() => {
    const process = new Fleet(maxSources)
    process.run(packets)
    work = process.work
  })
  report('fleet-fold', {
    traffic: shape,
    maxSources,
    packetsPerCpuSecond: Math.round(PACKETS / fleet),
    ratio: fleet / plain,
    meaning: 'CPU time of the fold with storing over that of the plain detector',
    plainPerCpuSecond: Math.round(PACKETS / plain),
    storedPerPacket: work.stored / PACKETS,
    bytesPerScan: work.bytes / work.stored,
    loadedPerPacket: work.loaded / PACKETS,
    alerts: work.alerts,
  })
}

compare('zipf', 200_000)
compare('zipf', 2000)
compare('new', 200_000)
