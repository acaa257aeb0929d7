/**
 * Intervals: how many hosts a source met in each of its last CHECK_INTERVALs; psad's `d`.
 *
 * psad counts by poll; here an interval is a tumbling window of event time, and as many are kept as a packet can be
 * late (5 s, within which order must not matter). A sweep makes psad look at a pair as it stood when that poll
 * ended, so the packets to each host are kept by interval too.
 */
import { FIELD, type Targets } from './targets.ts'

export const LATENESS_SECONDS = 5

export interface Intervals {
  newestInterval: number
  /** Two words for each, by interval number modulo how many: hosts, and the most packets one had by its end. */
  intervals: number[]
}

export function intervalsKept(checkInterval: number): number {
  return 1 + Math.ceil(LATENESS_SECONDS / checkInterval)
}

/** Enters a packet that the host's run has counted already. False when its interval is no longer kept. */
export function enter(
  scan: Intervals,
  targets: Targets,
  index: number,
  interval: number,
  count: number,
): boolean {
  const kept = scan.intervals.length >>> 1
  if (interval > scan.newestInterval) open(scan, interval, kept)
  if (interval <= scan.newestInterval - kept) return false
  const at = index * targets.stride
  const slot = 2 * (interval % kept)
  if (countInInterval(targets, at, interval, count)) {
    scan.intervals[slot] = (scan.intervals[slot] as number) + 1
  }
  raisePackets(scan.intervals, targets, at, interval)
  return true
}

/** Hosts in an interval that is kept. */
export function hostsIn(scan: Intervals, interval: number): number {
  return scan.intervals[2 * (interval % (scan.intervals.length >>> 1))] as number
}

/** The most packets that a host of the interval had had by its end. */
export function packetsBy(scan: Intervals, interval: number): number {
  return scan.intervals[2 * (interval % (scan.intervals.length >>> 1)) + 1] as number
}

function open(scan: Intervals, interval: number, kept: number): void {
  const stale = Math.min(interval - scan.newestInterval, kept)
  for (let i = 0; i < stale; i++) {
    const slot = 2 * ((interval - i) % kept)
    scan.intervals[slot] = 0
    scan.intervals[slot + 1] = 0
  }
  scan.newestInterval = interval
}

/** True for the host's first packet in the interval, which must be one of those kept. */
function countInInterval(targets: Targets, at: number, interval: number, count: number): boolean {
  const { words } = targets
  const kept = targets.stride - FIELD.recent
  const newest = words[at + FIELD.interval] as number
  if (interval > newest) {
    const stale = Math.min(interval - newest, kept)
    for (let i = 0; i < stale; i++) words[at + FIELD.recent + ((interval - i) % kept)] = 0
    words[at + FIELD.interval] = interval
  }
  const slot = at + FIELD.recent + (interval % kept)
  const before = words[slot] as number
  words[slot] = before + count
  return before === 0
}

/** A packet counts for its interval and for all later ones in which the host was met too. */
function raisePackets(intervals: number[], targets: Targets, at: number, from: number): void {
  const { words } = targets
  const kept = intervals.length >>> 1
  let packets = words[at + FIELD.packets] as number
  for (let interval = words[at + FIELD.interval] as number; interval >= from; interval--) {
    const here = words[at + FIELD.recent + (interval % kept)] as number
    const slot = 2 * (interval % kept) + 1
    if (here > 0 && packets > (intervals[slot] as number)) intervals[slot] = packets
    packets -= here
  }
}
