/**
 * Lag reader: how much of each topic is written and not yet read.
 *
 * What was read is what the store says beside the state, not the group's committed offset, which is only a hint. Ages are
 * those of the last message that was read: the oldest unread one is younger than that.
 */
import type { PartitionStore, Queue, StoreKey } from '@picket/runtime'
import { MESSAGES } from '@picket/schemas/messages'
import { partitionName } from './seat.ts'
import { decodePosition, POSITION_KEY } from './stored-values.ts'
import type { TopicSizes } from './topic-sizes.ts'

export interface Backlog {
  readonly topic: string
  readonly records: number
  /** Broker time of the last message that was read, of the partition that is behind longest; null when none is behind or nothing was ever read. */
  readonly since: number | null
}

interface TopicReader {
  readonly topic: string
  /** Under which key its reader notes when the last message was written, and how; without it the age is not known. */
  readonly noted?: { readonly key: StoreKey; readonly timeIn: (value: Uint8Array) => number | undefined }
}

const NOTED = { key: POSITION_KEY, timeIn: (value: Uint8Array) => decodePosition(value)?.time }

const TOPICS: readonly TopicReader[] = [
  { topic: 'packets', noted: { key: 't', timeIn: newestOfTotals } },
  { topic: 'contacts' },
  { topic: 'alerts', noted: NOTED },
  { topic: 'receipts', noted: NOTED },
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
  async #backlog({ topic, noted }: TopicReader): Promise<Backlog[]> {
    const partitions = await this.#sizes.of(topic)
    const behind: Behind[] = []
    for (let partition = 0; partition < partitions; partition++) {
      const extent = await this.#queue.extent(this.#sizes.nameOf(topic), partition)
      const name = partitionName(topic, partition)
      const next = await this.#store.position(name)
      const [value] = noted === undefined ? [] : await this.#store.load(name, [noted.key])
      const time = value === null || value === undefined ? undefined : noted?.timeIn(value)
      behind.push({ records: Math.max(0, extent.end - Math.max(extent.start, next ?? extent.start)), time })
    }
    return behind.length === 0 ? [] : [together(topic, behind)]
  }
}

interface Behind {
  readonly records: number
  readonly time: number | undefined
}

function together(topic: string, all: readonly Behind[]): Backlog {
  const behind = all.filter(({ records }) => records > 0)
  const times = behind.flatMap(({ time }) => (time === undefined ? [] : [time]))
  const records = behind.reduce((sum, part) => sum + part.records, 0)
  return { topic, records, since: times.length === 0 ? null : Math.min(...times) }
}

function newestOfTotals(value: Uint8Array): number | undefined {
  const totals = MESSAGES.partitionTotals.decode(value)
  return totals.ok ? totals.value.to : undefined
}
