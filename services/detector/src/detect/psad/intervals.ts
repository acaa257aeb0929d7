/**
 * Intervals: how many hosts a source met in each of its last CHECK_INTERVALs; psad's `d`.
 *
 * psad counts by poll; here an interval is a tumbling window of event time, and as many are kept as a packet
 * can be late (5 s, the lateness within which order must not matter).
 */
import { countInInterval, type Target } from './target.ts'

export const LATENESS_SECONDS = 5

export interface Intervals {
  newest: number
  /** By interval number modulo the length: hosts, and the most packets that one of them had by its end. */
  readonly hosts: number[]
  readonly packets: number[]
}

export function intervalsKept(checkInterval: number): number {
  return 1 + Math.ceil(LATENESS_SECONDS / checkInterval)
}

export function newIntervals(newest: number, kept: number): Intervals {
  return { newest, hosts: new Array<number>(kept).fill(0), packets: new Array<number>(kept).fill(0) }
}

/** Enters a packet that its target's run has counted already. False when its interval is no longer kept. */
export function enter(intervals: Intervals, target: Target, interval: number, count: number): boolean {
  const kept = intervals.hosts.length
  if (interval > intervals.newest) open(intervals, interval)
  const isFirst = countInInterval(target, interval, count)
  if (interval <= intervals.newest - kept) return false
  if (isFirst) intervals.hosts[interval % kept] = (intervals.hosts[interval % kept] as number) + 1
  raisePackets(intervals, target, interval)
  return true
}

function open(intervals: Intervals, interval: number): void {
  const kept = intervals.hosts.length
  const stale = Math.min(interval - intervals.newest, kept)
  for (let i = 0; i < stale; i++) {
    intervals.hosts[(interval - i) % kept] = 0
    intervals.packets[(interval - i) % kept] = 0
  }
  intervals.newest = interval
}

/** A packet counts for its interval and for all later ones that touched the target too. */
function raisePackets(intervals: Intervals, target: Target, from: number): void {
  const kept = intervals.hosts.length
  let packets = target.run.packets
  for (let interval = target.interval; interval >= from; interval--) {
    const here = target.recent[interval % kept] as number
    if (here > 0 && packets > (intervals.packets[interval % kept] as number)) {
      intervals.packets[interval % kept] = packets
    }
    packets -= here
  }
}
