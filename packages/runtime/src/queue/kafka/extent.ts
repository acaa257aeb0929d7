/**
 * What of a partition can be read: from the first offset that retention has left to the end.
 */
import { type Extent, QueueError } from '../queue.ts'
import type { ClusterClient } from './cluster-client.ts'

export async function extentOf(at: ClusterClient, topic: string, partition: number): Promise<Extent> {
  const [start, end] = await Promise.all([
    offsetOf(at, topic, partition, true),
    offsetOf(at, topic, partition, false),
  ])
  return { start, end }
}

async function offsetOf(
  at: ClusterClient,
  topic: string,
  partition: number,
  fromBeginning: boolean,
): Promise<number> {
  const question = [{ topic, partitions: [{ partition }], fromBeginning }]
  const [answer] = await at.ask((cluster) => cluster.fetchTopicsOffset(question))
  const offset = answer?.partitions[0]?.offset
  if (offset === undefined) throw new QueueError('no-topic', `there is no partition ${topic} ${partition}`)
  return Number(offset)
}
