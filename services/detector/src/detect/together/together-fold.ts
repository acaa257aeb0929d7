/**
 * TogetherFold: what many sources do together, of the targets of one partition. Contacts in, alerts out.
 *
 * Its output is a function of what each upstream partition said, whatever lies between: contacts wait in slices of
 * five minutes until every partition has passed them, are put in order, and only then folded and judged.
 */
import type { Alert, Incident } from '@picket/schemas'
import { alertFor } from '../alert.ts'
import { worstFirst } from '../incident-order.ts'
import type { PicketPolicy } from '../picket/policy.ts'
import { Cell } from './cell.ts'
import type { Contact } from './contact.ts'
import { DAY_MS, dayOf } from './day-counts.ts'
import { SliceFolder } from './fold-slice.ts'
import type { Group } from './group.ts'
import { incidentOf, levelOf } from './incident.ts'
import { judgeCell } from './judge.ts'
import type { TargetKey } from './keys.ts'
import { countTargets, distinctTargets, seenOf } from './seen.ts'
import { SLICE_MS, sliceOf } from './slices.ts'
import { TogetherState } from './state.ts'
import type { Story } from './story.ts'
import { type Touched, UNTOUCHED } from './touched.ts'
import type { Upstream } from './upstreams.ts'

export interface TogetherOptions {
  readonly policy: PicketPolicy
  /** Partitions of picket.packets; all must have passed a time before it is judged. */
  readonly upstreams: number
  readonly onAlert: (alert: Alert) => void
  /** Told of incidents that are over. */
  readonly onEnd?: (incident: Incident) => void
  readonly touched?: Touched
}

/** How often what is over is looked for. */
const TIDY_MS = 12 * 3_600_000

export class TogetherFold {
  readonly state: TogetherState
  private readonly policy: PicketPolicy
  private readonly onAlert: (alert: Alert) => void
  private readonly onEnd: ((incident: Incident) => void) | undefined
  private readonly touched: Touched
  private readonly folder: SliceFolder

  constructor({ policy, upstreams, onAlert, onEnd, touched = UNTOUCHED }: TogetherOptions) {
    this.state = new TogetherState(upstreams)
    this.policy = policy
    this.onAlert = onAlert
    this.onEnd = onEnd
    this.touched = touched
    this.folder = new SliceFolder(this.state, policy.together, touched, (story) => this.end(story))
  }

  /** Keeps a contact of this partition until its slice is whole. */
  take(contact: Contact, upstream: Upstream): void {
    const { counts, slices } = this.state
    const slice = sliceOf(contact.time)
    if ((slice + 1) * SLICE_MS <= upstream.watermark) {
      counts.late++
      return
    }
    const at = slices.add(seenOf(contact))
    if (at < 0) {
      counts.crowded++
      return
    }
    counts.contacts++
    this.touched.waiting(slice, at)
  }

  /** Folds and judges what every partition has passed. */
  judge(): void {
    for (const [slice, contacts] of this.state.slices.takeUntil(this.state.upstreams.watermark)) {
      this.touched.folded(slice, contacts.length)
      const day = dayOf(slice * SLICE_MS)
      this.judgeNews(this.folder.fold(contacts), day)
      this.makeRoom(day)
      this.tidy(slice * SLICE_MS)
    }
  }

  /** Open ones, the worst first. */
  incidents(): Incident[] {
    const stories = [...this.state.groups.byKey.values()].flatMap((group) => group.stories)
    return stories.map((story) => incidentOf(story, this.policy)).sort(worstFirst)
  }

  private judgeNews(news: readonly Group[], day: number): void {
    const { sources } = this.policy.together
    for (const group of news) {
      const contacts = group.takeNews()
      if (group.stories.length === 0 && !group.hasSources(sources)) continue
      for (const target of distinctTargets(contacts)) this.judgeTarget(group, target, day)
    }
  }

  private judgeTarget(group: Group, target: TargetKey, day: number): void {
    const open = group.stories.find(({ cell }) => cell.target === target)
    const story = open ?? this.openStory(group, target, day)
    if (story === undefined) return
    story.level = Math.max(story.level, levelOf(story.cell, this.policy.levels))
    const { sources } = story.cell
    if (story.level > story.toldLevel || sources >= 2 * story.toldSources) this.tell(story, sources)
  }

  private openStory(group: Group, target: TargetKey, day: number): Story | undefined {
    // Most targets have one or two: for them no cell is sorted out.
    if (group.contactsAt(target) < this.policy.together.sources) return undefined
    const cell = Cell.of(target, group.key, group.contacts)
    const finding = judgeCell(cell, this.state, day, this.policy.together)
    if (finding === undefined) return undefined
    const story = { cell, day, finding, level: 0, revision: 0, toldLevel: 0, toldSources: 0 }
    group.stories = [...group.stories, story]
    return story
  }

  private tell(story: Story, sources: number): void {
    const opened = story.revision === 0
    const alarm = { opened, level: !opened && story.level > story.toldLevel, kinds: false }
    story.revision++
    story.toldLevel = story.level
    story.toldSources = sources
    this.onAlert(alertFor(alarm, story.revision, story.cell.last, incidentOf(story, this.policy)))
  }

  private end(story: Story): void {
    this.onEnd?.(incidentOf(story, this.policy))
  }

  private makeRoom(day: number): void {
    const { groups, counts, background } = this.state
    const most = this.policy.together.remembered
    if (groups.contacts <= most) return
    const gone = new Map<TargetKey, number>()
    for (const group of groups.leastTelling(groups.contacts - (most >> 1))) {
      countTargets(gone, group.contacts)
      counts.evicted += group.contacts.length
      this.empty(group)
    }
    for (const [target, count] of gone) {
      background.addForgotten(target, day, count)
      this.touched.target(target)
    }
  }

  private empty(group: Group): void {
    this.state.groups.contacts -= group.contacts.length
    group.empty()
    this.touched.group(group.key)
  }

  /** Now and then, what is long over goes. */
  private tidy(time: number): void {
    const { state } = this
    const { groups, background } = state
    const turn = Math.floor(time / TIDY_MS)
    if (turn <= state.tidied) return
    state.tidied = turn
    for (const group of groups.byKey.values()) this.tidyGroup(group, time - DAY_MS)
    for (const { key } of groups.spent(dayOf(time))) {
      groups.byKey.delete(key)
      this.touched.group(key)
    }
    background.tidy(dayOf(time), (kind, key) => this.touched[kind](key))
  }

  private tidyGroup(group: Group, before: number): void {
    if (group.contacts.length > 0 && group.last < before) this.empty(group)
    const over = group.stories.filter(({ cell }) => cell.last < before)
    if (over.length === 0) return
    group.stories = group.stories.filter(({ cell }) => cell.last >= before)
    for (const story of over) this.end(story)
    this.touched.group(group.key)
  }
}
