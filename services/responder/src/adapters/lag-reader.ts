/**
 * Lag reader: how much of each topic is written and not yet read.
 *
 * What was read is what the store says beside the state, not the group's committed offset, which is only a hint. Ages are
 * those of the last message that was read: the oldest unread one is younger than that.
 */
import type { Extent, PartitionStore, Queue, StoreKey } from '@picket/runtime'
import { MESSAGES } from '@picket/schemas/messages'
import { partitionName } from './seat.ts'
import { decodePosition, POSITION_KEY, type Position } from './stored-values.ts'
import type { TopicSizes } from './topic-sizes.ts'

export interface Backlog {
  readonly topic: string
  readonly records: number
  /** Broker time of the last message that was read, of the partition that is behind longest; null when none is behind or nothing was ever read. */
  readonly since: number | null
}

interface TopicReader {
  readonly topic: string
  /** Where its reader keeps how far it is. */
  readonly key: StoreKey
  readonly decode: (value: Uint8Array) => Position | undefined
  /** Where nothing is stored nothing is known, rather than all unread. */
  readonly isOptional?: true
}

const TOPICS: readonly TopicReader[] = [
  { topic: 'packets', key: 't', decode: positionOfTotals },
  { topic: 'contacts', key: 't', decode: positionOfTotals, isOptional: true },
  { topic: 'alerts', key: POSITION_KEY, decode: decodePosition },
  { topic: 'receipts', key: POSITION_KEY, decode: decodePosition },
]

export class LagReader {
  readonly #queue: Queue
  readonly #store: PartitionStore
  readonly #sizes: TopicSizes

  constructor(queue: Queue, store: PartitionStore, sizes: TopicSizes) {
    this.#queue = queue
    this.#store = store
    this.#sizes = sizes
  }

  /** Topics that are not there are left out. */
  async read(): Promise<Backlog[]> {
    return (await Promise.all(TOPICS.map((reader) => this.#backlog(reader)))).flat()
  }

  /** One partition after the other: each question may cost a connection. */
  async #backlog({ topic, key, decode, isOptional }: TopicReader): Promise<Backlog[]> {
    const partitions = await this.#sizes.of(topic)
    const behind: Behind[] = []
    for (let partition = 0; partition < partitions; partition++) {
      const extent = await this.#queue.extent(this.#sizes.nameOf(topic), partition)
      const [value] = await this.#store.load(partitionName(topic, partition), [key])
      const position = value === null || value === undefined ? undefined : decode(value)
      if (position !== undefined || isOptional !== true) behind.push(behindOf(extent, position))
    }
    return behind.length === 0 ? [] : [together(topic, behind)]
  }
}

interface Behind {
  readonly records: number
  readonly time: number | undefined
}

function behindOf({ start, end }: Extent, position: Position | undefined): Behind {
  const next = Math.max(start, position?.next ?? start)
  return { records: Math.max(0, end - next), time: position?.time }
}

function together(topic: string, all: readonly Behind[]): Backlog {
  const behind = all.filter(({ records }) => records > 0)
  const times = behind.flatMap(({ time }) => (time === undefined ? [] : [time]))
  const records = behind.reduce((sum, part) => sum + part.records, 0)
  return { topic, records, since: times.length === 0 ? null : Math.min(...times) }
}

function positionOfTotals(value: Uint8Array): Position | undefined {
  const totals = MESSAGES.partitionTotals.decode(value)
  return totals.ok ? { next: totals.value.offset + 1, time: totals.value.to } : undefined
}
