/**
 * One fetch: asks a broker for what follows some offsets, and tells what came in the queue's own words.
 *
 * What is asked for at an offset may begin earlier (a batch is whole on disk) and end with records that are not ours to see: `next`
 * is where to go on in any case.
 */

import type { ReadLot } from '../partition-feed.ts'
import type { Message } from '../queue.ts'
import type { Broker, FetchedPartition, FetchedRecord } from './kafkajs.ts'

export interface FetchWish {
  readonly topic: string
  readonly from: ReadonlyMap<number, number>
  readonly maxWaitMs: number
}

/** A partition's message is handed over also when it alone is larger. */
const PARTITION_BYTES = 256 << 10
const REQUEST_BYTES = 8 << 20

export async function fetchOnce(broker: Broker, wish: FetchWish): Promise<Map<number, ReadLot>> {
  const { responses } = await broker.fetch({
    isolationLevel: 0,
    maxWaitTime: wish.maxWaitMs,
    minBytes: 1,
    maxBytes: REQUEST_BYTES,
    topics: [
      {
        topic: wish.topic,
        partitions: [...wish.from].map(([partition, offset]) => ({
          partition,
          fetchOffset: String(offset),
          maxBytes: PARTITION_BYTES,
        })),
      },
    ],
  })
  const lots = new Map<number, ReadLot>()
  for (const fetched of responses.flatMap(({ partitions }) => partitions)) {
    lots.set(fetched.partition, readLot(fetched, wish.from.get(fetched.partition) ?? 0))
  }
  return lots
}

function readLot({ messages, highWatermark }: FetchedPartition, from: number): ReadLot {
  const last = messages[messages.length - 1]
  return {
    messages: messages
      .filter((record) => record.isControlRecord !== true && Number(record.offset) >= from)
      .map(toMessage),
    next: last === undefined ? from : Math.max(from, endOf(last)),
    end: Number(highWatermark),
  }
}

/** Behind the last record of a batch may be others that compaction has taken. */
function endOf({ offset, batchContext }: FetchedRecord): number {
  const batchEnd =
    batchContext === undefined ? 0 : Number(batchContext.firstOffset) + batchContext.lastOffsetDelta + 1
  return Math.max(Number(offset) + 1, batchEnd)
}

function toMessage({ offset, timestamp, key, value }: FetchedRecord): Message {
  return { offset: Number(offset), time: Number(timestamp), key, value }
}
