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

/** What is new: the targets of each group that have new contacts. */
export type News = Map<Group, Set<TargetKey>>

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

  /** The contacts of one slice, which lies within one day. */
  fold(contacts: readonly Seen[]): News {
    const alone = this.letGo(contacts)
    const few = contacts.filter(({ source }) => !alone.has(source)).sort(compareSeen)
    const news: News = new Map()
    const day = dayOf(few[0]?.time ?? 0)
    if (few.length > 0) this.state.background.total.add(day, few.length)
    for (const seen of few) this.foldContact(seen, day, news)
    return news
  }

  /** The sources that are scanners alone from now on. */
  private letGo(contacts: readonly Seen[]): Set<SourceKey> {
    const { groups } = this.state
    const alone = new Set<SourceKey>()
    for (const { source, rank } of contacts) {
      if (rank < this.policy.contacts || alone.has(source)) continue
      alone.add(source)
      const group = groups.byKey.get(groupOf(source))
      const gone = group?.letGo(source) ?? 0
      groups.contacts -= gone
      if (group !== undefined && gone > 0) this.touched.group(group.key)
    }
    return alone
  }

  private foldContact(seen: Seen, day: number, news: News): void {
    const { background, groups } = this.state
    const group = groups.groupFor(groupOf(seen.source))
    group.days.add(day)
    this.touched.group(group.key)
    if (background.addHost(seen.host, day)) this.touched.host(seen.host)
    groups.contacts -= group.forget(seen.time - DAY_MS)
    if (!group.add(seen)) return
    groups.contacts++
    const targets = targetsOf(seen)
    if (group.stories.length > 0) this.foldStories(group, seen, targets)
    // A target of many sources had its newest contact when there were as many.
    if (group.contacts.length >= this.policy.sources || group.stories.length > 0)
      noteNews(news, group, targets)
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

function noteNews(news: News, group: Group, targets: readonly TargetKey[]): void {
  const known = news.get(group)
  if (known === undefined) news.set(group, new Set(targets))
  else for (const target of targets) known.add(target)
}
