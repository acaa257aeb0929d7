/**
 * Seen: one contact as it is kept, shared by the slice and the cells that it belongs to, so it is never changed.
 */
import { type Contact, TARGETS } from './contact.ts'
import {
  compareKeys,
  type HostKey,
  hostKey,
  hostTarget,
  portOf,
  type Shape,
  type SourceKey,
  shapeKey,
  sourceKey,
  type TargetKey,
} from './keys.ts'

export interface Seen {
  readonly time: number
  readonly source: SourceKey
  readonly host: HostKey
  readonly shape: Shape
  /** Bit number as in TECHNIQUES. */
  readonly technique: number
  readonly rank: number
  /** Bits of TARGETS. */
  readonly targets: number
}

export function seenOf(contact: Contact): Seen {
  const { time, technique, rank, targets } = contact
  const source = sourceKey(contact.source)
  const host = hostKey(contact.host)
  return { time, source, host, shape: shapeKey(contact.proto, contact.port), technique, rank, targets }
}

/** A total order up to equality of all that is judged: what came in in whatever order is folded in this one. */
export function compareSeen(a: Seen, b: Seen): number {
  return (
    a.time - b.time ||
    compareKeys(a.source, b.source) ||
    a.rank - b.rank ||
    compareKeys(a.host, b.host) ||
    a.shape - b.shape ||
    a.technique - b.technique ||
    a.targets - b.targets
  )
}

/** Those of its targets that this partition holds; without a port there is only the host. */
export function targetsOf({ targets, host, shape }: Seen): TargetKey[] {
  const held: TargetKey[] = []
  if ((targets & TARGETS.host) !== 0) held.push(hostTarget(host))
  if ((targets & TARGETS.port) !== 0 && portOf(shape) >= 0) held.push(shape)
  return held
}

/** Each once, in the order in which they were touched. */
export function distinctTargets(contacts: readonly Seen[]): Set<TargetKey> {
  const targets = new Set<TargetKey>()
  for (const seen of contacts) for (const target of targetsOf(seen)) targets.add(target)
  return targets
}

/** Adds to how many contacts each target had. */
export function countTargets(counts: Map<TargetKey, number>, contacts: readonly Seen[]): void {
  for (const { targets, host, shape } of contacts) {
    const at = hostTarget(host)
    if ((targets & TARGETS.host) !== 0) counts.set(at, (counts.get(at) ?? 0) + 1)
    if ((targets & TARGETS.port) !== 0 && portOf(shape) >= 0) counts.set(shape, (counts.get(shape) ?? 0) + 1)
  }
}

/** Whether this is one of its targets here. */
export function isAt({ targets, host, shape }: Seen, target: TargetKey): boolean {
  if (shape === target) return (targets & TARGETS.port) !== 0 && portOf(shape) >= 0
  return (targets & TARGETS.host) !== 0 && hostTarget(host) === target
}
