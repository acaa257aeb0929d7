/**
 * Target: one host that a source has sent packets to; psad's "pair".
 *
 * Its counts begin anew after a pause of SCAN_TIMEOUT, what was touched at all stays known for the incident. The
 * last intervals are counted apart, since a sweep makes psad look at a pair as it stood when that poll ended.
 */
import type { Packet } from '@picket/schemas'
import { ContactSet } from './contact-set.ts'
import { addToRun, joinRuns, newRun, type Run } from './run.ts'

export interface Target {
  readonly word0: number
  readonly word1: number
  readonly word2: number
  readonly word3: number
  run: Run
  /** The run before the pause, while a late packet may still bridge it. */
  before: Run | null
  readonly contacts: ContactSet
  /** The newest interval with packets, and the packets of the last intervals, by number modulo the length. */
  interval: number
  readonly recent: number[]
}

export function newTarget(packet: Packet, time: number, interval: number, intervals: number): Target {
  return {
    word0: packet.dst[0] as number,
    word1: packet.dst[1] as number,
    word2: packet.dst[2] as number,
    word3: packet.dst[3] as number,
    run: newRun(time),
    before: null,
    contacts: new ContactSet(),
    interval,
    recent: new Array<number>(intervals).fill(0),
  }
}

export function isTarget(target: Target, packet: Packet): boolean {
  return (
    target.word3 === packet.dst[3] &&
    target.word2 === packet.dst[2] &&
    target.word1 === packet.dst[1] &&
    target.word0 === packet.dst[0]
  )
}

/** `timeout` in ms; infinite when scans never expire. */
export function addToTarget(target: Target, packet: Packet, time: number, timeout: number): void {
  const proto = packet.proto & 255
  if (time - target.run.last >= timeout) {
    target.before = target.run
    target.run = newRun(time)
  }
  addToRun(target.run, proto, packet.dpt, packet.count, time)
  const before = target.before
  if (before !== null && target.run.first - before.last < timeout) {
    joinRuns(before, target.run)
    target.before = null
  }
  target.contacts.add(proto, packet.dpt, packet.icmpType)
}

/** Counts the packet in its interval; true for the first one in it. Intervals that are too old are not kept. */
export function countInInterval(target: Target, interval: number, count: number): boolean {
  const kept = target.recent.length
  if (interval > target.interval) {
    const stale = Math.min(interval - target.interval, kept)
    for (let i = 0; i < stale; i++) target.recent[(interval - i) % kept] = 0
    target.interval = interval
  }
  if (interval <= target.interval - kept) return false
  const before = target.recent[interval % kept] as number
  target.recent[interval % kept] = before + count
  return before === 0
}
