/**
 * Run: what one source sent to one host without a pause of SCAN_TIMEOUT; psad's counts of a pair.
 *
 * Counts are sums, sets, minima and maxima only, so the order of packets changes nothing. A packet that comes
 * late may bridge the pause that seemed to end a run: then two runs are one, hence `bridge`.
 */
import { type Packet, PROTOCOL } from '@picket/schemas'
import { FIELD, lastOf, type Pause, type Run, setLast, type Targets } from './targets.ts'

/** `timeout` in ms; infinite when scans never expire. */
export function addToRun(
  targets: Targets,
  index: number,
  packet: Packet,
  time: number,
  timeout: number,
): void {
  const at = index * targets.stride
  const last = lastOf(targets, at)
  if (time - last >= timeout) pause(targets, index, time)
  if (time > last) setLast(targets, at, time)
  addProtocol(targets, index, packet.proto & 255)
  addCounts(targets, at, packet)
  const gap = targets.pauses?.get(index)
  if (gap !== undefined) bridge(targets, index, gap, time, timeout)
}

function addCounts(targets: Targets, at: number, packet: Packet): void {
  const { words } = targets
  const port = packet.dpt
  words[at + FIELD.packets] = (words[at + FIELD.packets] as number) + packet.count
  if (port < 0 || !countsPorts(packet.proto)) {
    words[at + FIELD.portless] = (words[at + FIELD.portless] as number) + packet.count
    return
  }
  const lowest = words[at + FIELD.lowest] as number
  if (lowest < 0 || port < lowest) words[at + FIELD.lowest] = port
  if (port > (words[at + FIELD.highest] as number)) words[at + FIELD.highest] = port
}

function countsPorts(proto: number): boolean {
  return proto === PROTOCOL.TCP || proto === PROTOCOL.UDP || proto === PROTOCOL.UDPLITE
}

/** Keeps the run apart and begins a new one. */
function pause(targets: Targets, index: number, first: number): void {
  targets.pauses ??= new Map()
  targets.pauses.set(index, { before: runOf(targets, index), first })
  targets.manyProtocols?.delete(index)
  const at = index * targets.stride
  targets.words.fill(0, at + FIELD.packets, at + FIELD.interval)
  targets.words[at + FIELD.lowest] = -1
  targets.words[at + FIELD.highest] = -1
  setLast(targets, at, first)
}

function bridge(targets: Targets, index: number, gap: Pause, time: number, timeout: number): void {
  if (time < gap.first) gap.first = time
  if (gap.first - gap.before.last >= timeout) return
  const { words } = targets
  const { before } = gap
  const at = index * targets.stride
  words[at + FIELD.packets] = (words[at + FIELD.packets] as number) + before.packets
  words[at + FIELD.portless] = (words[at + FIELD.portless] as number) + before.portless
  words[at + FIELD.highest] = Math.max(words[at + FIELD.highest] as number, before.highest)
  const lowest = words[at + FIELD.lowest] as number
  if (lowest < 0 || (before.lowest >= 0 && before.lowest < lowest)) words[at + FIELD.lowest] = before.lowest
  for (const proto of before.protocols) addProtocol(targets, index, proto)
  targets.pauses?.delete(index)
}

const INLINE = 4

function addProtocol(targets: Targets, index: number, proto: number): void {
  const { words } = targets
  const at = index * targets.stride
  const count = words[at + FIELD.protocolCount] as number
  const inline = words[at + FIELD.protocols] as number
  for (let i = 0; i < count && i < INLINE; i++) if (((inline >>> (i * 8)) & 255) === proto) return
  if (count < INLINE) words[at + FIELD.protocols] = inline | (proto << (count * 8))
  else if (!addFurtherProtocol(targets, index, proto)) return
  words[at + FIELD.protocolCount] = count + 1
}

function addFurtherProtocol(targets: Targets, index: number, proto: number): boolean {
  targets.manyProtocols ??= new Map()
  const further = targets.manyProtocols.get(index)
  if (further === undefined) targets.manyProtocols.set(index, [proto])
  else if (further.includes(proto)) return false
  else further.push(proto)
  return true
}

/** The run as it stands, on its own. */
export function runOf(targets: Targets, index: number): Run {
  const { words } = targets
  const at = index * targets.stride
  const inline = words[at + FIELD.protocols] as number
  const count = Math.min(words[at + FIELD.protocolCount] as number, INLINE)
  return {
    packets: words[at + FIELD.packets] as number,
    portless: words[at + FIELD.portless] as number,
    lowest: words[at + FIELD.lowest] as number,
    highest: words[at + FIELD.highest] as number,
    last: lastOf(targets, at),
    protocols: [
      ...Array.from({ length: count }, (_, i) => (inline >>> (i * 8)) & 255),
      ...(targets.manyProtocols?.get(index) ?? []),
    ],
  }
}
