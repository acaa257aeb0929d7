/**
 * psad.md c2, word by word, over whole batches: what policy psad must equal.
 *
 * One source. A batch is all packets of one CHECK_INTERVAL; a pair dies SCAN_TIMEOUT after its last packet.
 */
import type { Packet } from '@picket/schemas'
import type { PsadPolicy } from '../src/detect/psad/policy.ts'

interface Pair {
  n: number
  last: number
  ports: number[]
  protocols: Set<number>
}

export function literalLevel(packets: readonly Packet[], policy: PsadPolicy): number {
  const pairs = new Map<string, Pair>()
  let level = 0
  for (const batch of batchesOf(packets, policy)) {
    const touched = new Map<string, Pair>()
    for (const packet of batch) {
      const host = packet.dst.join()
      const pair = livingPair(pairs.get(host), packet, policy)
      pairs.set(host, pair)
      touched.set(host, pair)
      count(pair, packet)
    }
    for (const pair of touched.values()) level = Math.max(level, pairLevel(pair, touched.size, policy))
  }
  return level
}

function batchesOf(packets: readonly Packet[], policy: PsadPolicy): Packet[][] {
  const batches = new Map<number, Packet[]>()
  for (const packet of [...packets].sort((a, b) => a.time - b.time)) {
    const poll = Math.floor(packet.time / 1000 / policy.CHECK_INTERVAL)
    batches.set(poll, [...(batches.get(poll) ?? []), packet])
  }
  return [...batches].sort(([a], [b]) => a - b).map(([, batch]) => batch)
}

function livingPair(pair: Pair | undefined, packet: Packet, policy: PsadPolicy): Pair {
  if (pair !== undefined && packet.time - pair.last < policy.SCAN_TIMEOUT * 1000) return pair
  return { n: 0, last: packet.time, ports: [], protocols: new Set() }
}

function count(pair: Pair, packet: Packet): void {
  pair.n += packet.count
  pair.last = packet.time
  pair.protocols.add(packet.proto)
  if ([6, 17, 136].includes(packet.proto) && packet.dpt >= 0) pair.ports.push(packet.dpt)
}

function pairLevel({ n, ports, protocols }: Pair, d: number, policy: PsadPolicy): number {
  const p = protocols.size
  const r = ports.length === 0 ? n : Math.max(...ports) - Math.min(...ports)
  // 1
  if (n < policy.DANGER_LEVEL1 && d < policy.DL1_UNIQUE_HOSTS) return 0
  // 2
  const goesOn =
    r >= policy.PORT_RANGE_SCAN_THRESHOLD ||
    p >= policy.PROTOCOL_SCAN_THRESHOLD ||
    d >= policy.DL1_UNIQUE_HOSTS
  if (!goesOn) return 0
  // 3
  const { DANGER_LEVEL2, DANGER_LEVEL3, DANGER_LEVEL4, DANGER_LEVEL5 } = policy
  const countLevel = chain(n, [DANGER_LEVEL2, DANGER_LEVEL3, DANGER_LEVEL4, DANGER_LEVEL5])
  // 4
  const { DL2_UNIQUE_HOSTS, DL3_UNIQUE_HOSTS, DL4_UNIQUE_HOSTS, DL5_UNIQUE_HOSTS } = policy
  const sweepLevel = chain(d, [DL2_UNIQUE_HOSTS, DL3_UNIQUE_HOSTS, DL4_UNIQUE_HOSTS, DL5_UNIQUE_HOSTS])
  return Math.max(countLevel, sweepLevel)
}

function chain(value: number, rungs: readonly number[]): number {
  const at = rungs.findIndex((rung) => value < rung)
  return at < 0 ? 5 : at + 1
}
