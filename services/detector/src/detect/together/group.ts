/**
 * Group: what is known of one network: its contacts of the last day, how many it had in a week, its open incidents.
 *
 * Most networks show one source with a contact or two, so there is one small object for each and no more; cells are
 * only sorted out where there are sources enough.
 */
import { MAX_CONTACTS } from './cell.ts'
import { DayCounts } from './day-counts.ts'
import type { GroupKey, SourceKey, TargetKey } from './keys.ts'
import { isAt, type Seen } from './seen.ts'
import type { Story } from './story.ts'

/** Shared by all that have none; never added to. */
const NONE: never[] = []
/** Above, a set is faster. */
const COMPARED = 32

export class Group {
  readonly key: GroupKey
  readonly days: DayCounts
  /** In the order of time. */
  contacts: Seen[] = NONE
  stories: readonly Story[] = NONE
  /** Contacts of the slice being folded whose targets are to be judged; between two slices there are none. */
  news: Seen[] = NONE
  /** So many sources have the first so many contacts. */
  private distinct = 0
  private counted = 0

  constructor(key: GroupKey, days: DayCounts = new DayCounts()) {
    this.key = key
    this.days = days
  }

  /** Event time of the newest contact. */
  get last(): number {
    return this.contacts.at(-1)?.time ?? Number.NEGATIVE_INFINITY
  }

  /** Each contact is compared with those before it once, which leaves no garbage, until there are too many of them. */
  get sources(): number {
    const { contacts } = this
    if (contacts.length > COMPARED) return new Set(contacts.map(({ source }) => source)).size
    for (; this.counted < contacts.length; this.counted++)
      if (isFirstOfSource(contacts, this.counted)) this.distinct++
    return this.distinct
  }

  /** Whether it has so many sources at least. */
  hasSources(least: number): boolean {
    return this.contacts.length >= least && this.sources >= least
  }

  /** So many contacts of a target at most: one thing that a source touched twice is counted twice. */
  contactsAt(target: TargetKey): number {
    let sum = 0
    for (let at = 0; at < this.contacts.length; at++) if (isAt(this.contacts[at] as Seen, target)) sum++
    return sum
  }

  /** Takes a contact in; false when it is one too many. Known ones, which are rare, are left to the cells to tell. */
  add(seen: Seen): boolean {
    if (this.contacts.length >= MAX_CONTACTS) return false
    // An array that begins with its first element takes no room for sixteen more.
    if (this.contacts.length === 0) this.contacts = [seen]
    else this.contacts.push(seen)
    return true
  }

  /** Takes a contact to be judged; true when it is the first of its slice. */
  addNews(seen: Seen): boolean {
    if (this.news.length > 0) {
      this.news.push(seen)
      return false
    }
    this.news = [seen]
    return true
  }

  takeNews(): readonly Seen[] {
    const { news } = this
    this.news = NONE
    return news
  }

  empty(): void {
    this.contacts = NONE
    this.countAnew()
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
    this.countAnew()
    return before - this.contacts.length
  }

  private countAnew(): void {
    this.distinct = 0
    this.counted = 0
  }
}

function isFirstOfSource(contacts: readonly Seen[], at: number): boolean {
  const source = (contacts[at] as Seen).source
  for (let before = 0; before < at; before++) if ((contacts[before] as Seen).source === source) return false
  return true
}
