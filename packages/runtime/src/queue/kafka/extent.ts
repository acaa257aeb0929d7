/**
 * What of a partition can be read: from the first offset that retention has left to the end.
 */
import { type Extent, QueueError } from '../queue.ts'
import type { Cluster } from './kafkajs.ts'

export async function extentOf(cluster: Cluster, topic: string, partition: number): Promise<Extent> {
  const [start, end] = await Promise.all([
    offsetOf(cluster, topic, partition, true),
    offsetOf(cluster, topic, partition, false),
  ])
  return { start, end }
}

async function offsetOf(
  cluster: Cluster,
  topic: string,
  partition: number,
  fromBeginning: boolean,
): Promise<number> {
  const [answer] = await cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning }])
  const offset = answer?.partitions[0]?.offset
  if (offset === undefined) throw new QueueError('no-topic', `there is no partition ${topic} ${partition}`)
  return Number(offset)
}
