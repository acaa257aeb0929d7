/**
 * How a scan takes in a packet and is judged anew, and what is told of it. The same wherever scans are kept.
 */
import type { Packet } from '@picket/schemas'
import type { Alarm } from './alert.ts'
import { FOLDED, type Method, type Scan } from './method.ts'
import type { Observation } from './observation.ts'

/** Bits of FOLDED: folds the packet, and raises the level that the source is given at least. */
export function foldInto<S extends Scan>(
  method: Method<S>,
  scan: S,
  packet: Packet,
  observation: Observation,
  assigned: number,
  time: number,
): number {
  const folded = method.fold(scan, packet, observation, time)
  if (assigned <= scan.assigned) return folded
  scan.assigned = assigned
  return folded | FOLDED.changed
}

/** Judges the scan. True when there is something to tell that has not been told. */
export function judge<S extends Scan>(method: Method<S>, scan: S): boolean {
  method.judge(scan)
  if (scan.assigned > scan.level) scan.level = scan.assigned
  if (scan.level === 0) return false
  return scan.level > scan.toldLevel || (scan.kinds & ~scan.toldKinds) !== 0
}

/** What is new, and notes in the scan that it has been told. */
export function tell(scan: Scan): Alarm {
  const alarm: Alarm = {
    opened: scan.revision === 0,
    level: scan.revision > 0 && scan.level > scan.toldLevel,
    kinds: scan.revision > 0 && (scan.kinds & ~scan.toldKinds) !== 0,
  }
  scan.revision++
  scan.toldLevel = scan.level
  scan.toldKinds |= scan.kinds
  return alarm
}
