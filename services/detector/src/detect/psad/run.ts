/**
 * Run: what one source sent to one host without a pause of SCAN_TIMEOUT; psad's counts of a pair.
 *
 * Counts are sums, sets, minima and maxima only, so the order of packets changes nothing. A packet that comes
 * late may bridge the pause that seemed to end a run: then two runs are one, hence `joinRuns`.
 */
import { PROTOCOL } from '@picket/schemas'

export interface Run {
  first: number
  last: number
  packets: number
  /** Packets of protocols without ports, or whose ports the log does not tell. */
  portless: number
  /** Destination ports over TCP, UDP and UDPLITE together; -1 before the first. */
  lowest: number
  highest: number
  /** Distinct IP protocols. */
  readonly protocols: number[]
}

export function newRun(time: number): Run {
  return { first: time, last: time, packets: 0, portless: 0, lowest: -1, highest: -1, protocols: [] }
}

export function addToRun(run: Run, proto: number, port: number, count: number, time: number): void {
  if (time < run.first) run.first = time
  if (time > run.last) run.last = time
  run.packets += count
  if (run.protocols[0] !== proto && !run.protocols.includes(proto)) run.protocols.push(proto)
  if (port < 0 || !countsPorts(proto)) {
    run.portless += count
    return
  }
  if (run.lowest < 0 || port < run.lowest) run.lowest = port
  if (port > run.highest) run.highest = port
}

/** Adds the earlier run to the later one. */
export function joinRuns(earlier: Run, into: Run): void {
  into.first = Math.min(earlier.first, into.first)
  into.last = Math.max(earlier.last, into.last)
  into.packets += earlier.packets
  into.portless += earlier.portless
  into.highest = Math.max(earlier.highest, into.highest)
  if (into.lowest < 0 || (earlier.lowest >= 0 && earlier.lowest < into.lowest)) into.lowest = earlier.lowest
  for (const proto of earlier.protocols) if (!into.protocols.includes(proto)) into.protocols.push(proto)
}

/** Highest - lowest destination port; 0 without ports. */
export function spanOf(run: Run): number {
  return run.highest - run.lowest
}

function countsPorts(proto: number): boolean {
  return proto === PROTOCOL.TCP || proto === PROTOCOL.UDP || proto === PROTOCOL.UDPLITE
}
