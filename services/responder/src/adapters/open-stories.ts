/**
 * Open stories: incidents whose end must be told, until it is.
 *
 * Kept with the alerts of their partition. The end is queued before the story is taken off: a crash in between tells it again, under the
 * same id. A story that goes on after its end is opened again by its next alert.
 */
import { failpoint, type PartitionStore } from '@picket/runtime'
import { alertOf } from '@picket/schemas/messages'
import { type IncidentNotice, incidentNotice, isOver, type OpenStory } from '../index.ts'
import { bucketKeys, decodeBuckets, saveBuckets } from './buckets.ts'
import { loadAll, loadViews } from './incident-views.ts'
import { partitionName, type Seat } from './seat.ts'
import { decodeIncident, incidentKey, type StoredIncident } from './stored-values.ts'
import type { TopicSizes } from './topic-sizes.ts'

export interface OpenStoriesOptions {
  readonly store: PartitionStore
  readonly sizes: TopicSizes
  readonly tell: (channel: string, notice: IncidentNotice) => Promise<void>
  readonly bannedUntil: (subject: string) => number | undefined
  readonly console: () => string | undefined
  readonly quietMs: () => number
  readonly now: () => number
}

interface Shelf {
  readonly seat: Seat
  readonly stories: Map<string, OpenStory>
}

const LETTER = 'g'

export class OpenStories {
  readonly #options: OpenStoriesOptions
  readonly #shelves = new Map<number, Shelf>()
  #looking: Promise<void> | undefined

  constructor(options: OpenStoriesOptions) {
    this.#options = options
  }

  async own(seat: Seat): Promise<void> {
    const stories = decodeBuckets<OpenStory>(await seat.load(bucketKeys(LETTER)))
    const byIncident = new Map(stories.map((story) => [story.incident, story]))
    this.#shelves.set(seat.partition, { seat, stories: byIncident })
  }

  disown(partition: number): void {
    this.#shelves.delete(partition)
  }

  /** Call before it is told: an end that is just being looked for must not overtake it. */
  begin(partition: number, story: OpenStory): void {
    const stories = this.#shelves.get(partition)?.stories
    const before = stories?.get(story.incident)?.channels ?? []
    stories?.set(story.incident, { ...story, channels: [...new Set([...before, ...story.channels])] })
  }

  /** Call once it is told. */
  async keep(partition: number, { incident }: OpenStory): Promise<void> {
    const shelf = this.#shelves.get(partition)
    if (shelf !== undefined) await save(shelf, [incident])
  }

  /** One look at a time. */
  look(): Promise<void> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #lookNow(): Promise<void> {
    for (const shelf of [...this.#shelves.values()]) {
      const quiet = [...shelf.stories.values()].filter((story) => this.#isOver(story))
      if (quiet.length > 0) await this.#end(shelf, quiet)
    }
  }

  #isOver(story: OpenStory): boolean {
    const { now, quietMs, bannedUntil } = this.#options
    const until = story.subject === null ? undefined : bannedUntil(story.subject)
    return isOver(story, { now: now(), quietMs: quietMs(), bannedUntil: until })
  }

  async #end(shelf: Shelf, quiet: readonly OpenStory[]): Promise<void> {
    const { stories, seat } = shelf
    const standing = await this.#standing(seat.name, quiet)
    for (const story of quiet) {
      const stored = standing.get(story.incident)
      const seen = { ...story, lastSeen: stored?.alert.incident.lastSeen ?? story.lastSeen }
      // an alert may have come meanwhile
      if (stories.get(story.incident) !== story) continue
      if (!this.#isOver(seen)) stories.set(story.incident, seen)
      else await this.#tellEnd(shelf, story, stored)
    }
  }

  async #tellEnd(shelf: Shelf, story: OpenStory, stored: StoredIncident | undefined): Promise<void> {
    const { tell } = this.#options
    // One that nobody remembers has no words left
    if (stored !== undefined) {
      const notice = this.#noticeOf(story, stored, 'resolve')
      // All in one turn: an alert that comes now is told after its end to each of them
      await Promise.all(story.channels.map((channel) => tell(channel, notice)))
    }
    failpoint('responder.ended')
    if (shelf.stories.get(story.incident) === story) shelf.stories.delete(story.incident)
    await save(shelf, [story.incident])
  }

  #noticeOf(
    { decision }: OpenStory,
    { alert }: StoredIncident,
    kind: 'incident' | 'resolve',
  ): IncidentNotice {
    const { now, console } = this.#options
    return incidentNotice({ kind, alert: alertOf(alert), time: now(), decision, console: console() })
  }

  /** All that stand for a channel, of the whole fleet, as they were told: whoever begins to send has told none of them. */
  async standing(channel: string, partitions: number): Promise<IncidentNotice[]> {
    const notices: IncidentNotice[] = []
    for (let partition = 0; partition < partitions; partition++) {
      const name = partitionName('alerts', partition)
      const all = decodeBuckets<OpenStory>(await this.#options.store.load(name, bucketKeys(LETTER)))
      const stories = all.filter(({ channels }) => channels.includes(channel))
      const stored = await this.#stored(name, stories)
      for (const story of stories) {
        const one = stored.get(story.incident)
        if (one !== undefined) notices.push(this.#noticeOf(story, one, 'incident'))
      }
    }
    return notices
  }

  /** As the detector sees them now, where it does. */
  async #standing(name: string, stories: readonly OpenStory[]): Promise<Map<string, StoredIncident>> {
    const { store, sizes } = this.#options
    const stored = await this.#stored(name, stories)
    const incidents = [...stored.values()].map(({ alert }) => alert.incident)
    const views = await loadViews(store, incidents, await sizes.of('packets'))
    return new Map(
      [...stored].map(([id, one]) => {
        const incident = views.get(id)?.incident
        const isNewer = incident !== undefined && incident.packets > one.alert.incident.packets
        return [id, isNewer ? { ...one, alert: { ...one.alert, incident } } : one]
      }),
    )
  }

  async #stored(name: string, stories: readonly OpenStory[]): Promise<Map<string, StoredIncident>> {
    const keys = stories.map(({ incident }) => incidentKey(incident))
    const values = await loadAll(this.#options.store, name, keys)
    const stored = values.flatMap((value) => (value === null ? [] : (decodeIncident(value) ?? [])))
    return new Map(stored.map((one) => [one.alert.incident.id, one]))
  }
}

async function save({ seat, stories }: Shelf, incidents: readonly string[]): Promise<void> {
  await saveBuckets(seat, LETTER, incidents, [...stories.values()], ({ incident }) => incident)
}
