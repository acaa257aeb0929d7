/**
 * Cell: what the sources of one network did to one target. Each pair of a source and what it touched stands once.
 */
import { compareKeys, type GroupKey, isHostTarget, type Key, type SourceKey, type TargetKey } from './keys.ts'
import { isAt, type Seen } from './seen.ts'

/** A network of IPv4, 256 sources with fewer than eight contacts each, always fits. */
export const MAX_CONTACTS = 2_048

export class Cell {
  readonly target: TargetKey
  readonly group: GroupKey
  /** In the order of time. */
  readonly contacts: Seen[]

  constructor(target: TargetKey, group: GroupKey, contacts: Seen[]) {
    this.target = target
    this.group = group
    this.contacts = contacts
  }

  /** Of the contacts of a group, each thing of each source once. */
  static of(target: TargetKey, group: GroupKey, contacts: readonly Seen[]): Cell {
    const cell = new Cell(target, group, [])
    const touched = new Map<SourceKey, Set<Key>>()
    for (const seen of contacts) {
      if (!isAt(seen, target)) continue
      const things = touched.get(seen.source) ?? new Set()
      const thing = cell.touchedBy(seen)
      if (things.has(thing)) continue
      touched.set(seen.source, things.add(thing))
      cell.contacts.push(seen)
    }
    return cell
  }

  /** Event time of the newest contact. */
  get last(): number {
    return this.contacts.at(-1)?.time ?? Number.NEGATIVE_INFINITY
  }

  get sources(): number {
    return new Set(this.contacts.map(({ source }) => source)).size
  }

  get hosts(): number {
    return new Set(this.contacts.map(({ host }) => host)).size
  }

  /** Takes a contact in; false when it is known, or one too many. */
  add(seen: Seen): boolean {
    if (this.contacts.length >= MAX_CONTACTS) return false
    const touched = this.touchedBy(seen)
    const isKnown = (known: Seen): boolean =>
      known.source === seen.source && this.touchedBy(known) === touched
    if (this.contacts.some(isKnown)) return false
    this.contacts.push(seen)
    return true
  }

  /** What each source touched, in a total order of sources. */
  bySource(): ReadonlySet<Key>[] {
    const touched = new Map<SourceKey, Set<Key>>()
    for (const seen of this.contacts) {
      const things = touched.get(seen.source) ?? new Set()
      touched.set(seen.source, things.add(this.touchedBy(seen)))
    }
    return [...touched].sort(([a], [b]) => compareKeys(a, b)).map(([, things]) => things)
  }

  /** A shape of a host, a host of a port. */
  private touchedBy(seen: Seen): Key {
    return isHostTarget(this.target) ? seen.shape : seen.host
  }
}
