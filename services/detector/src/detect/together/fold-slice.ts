/**
 * How a slice is folded once it is whole: into the groups of its sources, and into their open incidents.
 *
 * A source that has more contacts than the policy allows is a scanner alone: it counts nowhere here, and its group
 * lets go of it.
 */
import { DAY_MS, dayOf } from './day-counts.ts'
import type { Group } from './group.ts'
import { groupOf, type SourceKey, type TargetKey } from './keys.ts'
import type { TogetherPolicy } from './policy.ts'
import { compareSeen, type Seen, targetsOf } from './seen.ts'
import type { TogetherState } from './state.ts'
import type { Story } from './story.ts'
import type { Touched } from './touched.ts'

export class SliceFolder {
  private readonly state: TogetherState
  private readonly policy: TogetherPolicy
  private readonly touched: Touched
  private readonly onEnd: (story: Story) => void

  constructor(state: TogetherState, policy: TogetherPolicy, touched: Touched, onEnd: (story: Story) => void) {
    this.state = state
    this.policy = policy
    this.touched = touched
    this.onEnd = onEnd
  }

  /** The contacts of one slice, which lies within one day. The groups that have news, the first to have some first. */
  fold(contacts: readonly Seen[]): Group[] {
    const few = this.fewOf(contacts)
    const news: Group[] = []
    const first = few[0]
    if (first === undefined) return news
    few.sort(compareSeen)
    const day = dayOf(first.time)
    this.state.background.total.add(day, few.length)
    for (let at = 0; at < few.length; at++) this.foldContact(few[at] as Seen, day, news)
    return news
  }

  /** Without those of the sources that are scanners alone from now on. */
  private fewOf(contacts: readonly Seen[]): Seen[] {
    const alone = new Set<SourceKey>()
    for (let at = 0; at < contacts.length; at++) {
      const { rank, source } = contacts[at] as Seen
      if (rank < this.policy.contacts || alone.has(source)) continue
      alone.add(source)
      this.letGo(source)
    }
    return alone.size === 0 ? contacts.slice() : contacts.filter(({ source }) => !alone.has(source))
  }

  private letGo(source: SourceKey): void {
    const { groups } = this.state
    const group = groups.byKey.get(groupOf(source))
    const gone = group?.letGo(source) ?? 0
    if (group === undefined || gone === 0) return
    groups.contacts -= gone
    this.touched.group(group.key)
  }

  private foldContact(seen: Seen, day: number, news: Group[]): void {
    const { background, groups } = this.state
    const group = groups.groupFor(groupOf(seen.source))
    group.days.add(day)
    this.touched.group(group.key)
    if (background.addHost(seen.host, day)) this.touched.host(seen.host)
    groups.contacts -= group.forget(seen.time - DAY_MS)
    if (!group.add(seen)) return
    groups.contacts++
    if (group.stories.length > 0) this.foldStories(group, seen, targetsOf(seen))
    // A target of many sources had its newest contact when there were as many.
    const isMany = group.contacts.length >= this.policy.sources || group.stories.length > 0
    if (isMany && group.addNews(seen)) news.push(group)
  }

  /** An incident is one story while contacts come within a day. */
  private foldStories(group: Group, seen: Seen, targets: readonly TargetKey[]): void {
    group.stories = group.stories.filter((story) => {
      if (!targets.includes(story.cell.target)) return true
      if (seen.time - story.cell.last > DAY_MS) {
        this.onEnd(story)
        return false
      }
      story.cell.add(seen)
      return true
    })
  }
}
