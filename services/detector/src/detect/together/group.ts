/**
 * Group: what is known of one network: its contacts of the last day, how many it had in a week, its open incidents.
 *
 * Most networks show one source with a contact or two, so there is one small object for each and no more; cells are
 * only sorted out where there are sources enough.
 */
import { MAX_CONTACTS } from './cell.ts'
import { DayCounts } from './day-counts.ts'
import type { GroupKey, SourceKey } from './keys.ts'
import type { Seen } from './seen.ts'
import type { Story } from './story.ts'

/** Shared by all that have none; never added to. */
const NONE: never[] = []

export class Group {
  readonly key: GroupKey
  readonly days: DayCounts
  /** In the order of time. */
  contacts: Seen[] = NONE
  stories: readonly Story[] = NONE

  constructor(key: GroupKey, days: DayCounts = new DayCounts()) {
    this.key = key
    this.days = days
  }

  /** Event time of the newest contact. */
  get last(): number {
    return this.contacts.at(-1)?.time ?? Number.NEGATIVE_INFINITY
  }

  get sources(): number {
    if (this.contacts.length < 2) return this.contacts.length
    return new Set(this.contacts.map(({ source }) => source)).size
  }

  /** Takes a contact in; false when it is one too many. Known ones, which are rare, are left to the cells to tell. */
  add(seen: Seen): boolean {
    if (this.contacts.length >= MAX_CONTACTS) return false
    // An array that begins with its first element takes no room for sixteen more.
    if (this.contacts.length === 0) this.contacts = [seen]
    else this.contacts.push(seen)
    return true
  }

  empty(): void {
    this.contacts = NONE
  }

  /** Lets go of a source that goes on alone; what an open incident tells of stays. How many contacts that were. */
  letGo(source: SourceKey): number {
    return this.keep((seen) => seen.source !== source)
  }

  /** Forgets what is older. How many contacts that were. */
  forget(before: number): number {
    if ((this.contacts[0]?.time ?? before) >= before) return 0
    return this.keep(({ time }) => time >= before)
  }

  private keep(isKept: (seen: Seen) => boolean): number {
    const before = this.contacts.length
    this.contacts = this.contacts.filter(isKept)
    return before - this.contacts.length
  }
}
