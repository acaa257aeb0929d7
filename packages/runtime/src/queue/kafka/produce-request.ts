/**
 * What goes into one request to append, and what its answer says.
 */
import type { Outgoing } from '../queue.ts'
import type { ProduceRequest, ProduceResponse } from './kafkajs.ts'
import type { ProduceLane } from './produce-lane.ts'

/** Batches of several partitions that go together. */
const REQUEST_BYTES = 1 << 20

/**
 * As many lanes as share one identity and way of compression and fit into one request; one that failed in company goes by itself.
 * Who has waited longest comes first: else a partition that always has something to send would keep others out for ever.
 */
export function lanesOfOneRequest(lanes: readonly ProduceLane[]): ProduceLane[] {
  const [first, ...rest] = [...lanes].sort((a, b) => a.servedAt - b.servedAt)
  if (first === undefined) return []
  if (first.isAlone) return [first]
  let bytes = first.head?.bytes ?? 0
  const company = rest.filter((lane) => {
    if (lane.isAlone || !isAlike(lane, first)) return false
    bytes += lane.head?.bytes ?? 0
    return bytes <= REQUEST_BYTES
  })
  return [first, ...company]
}

function isAlike(one: ProduceLane, other: ProduceLane): boolean {
  return one.identity === other.identity && one.isCompressed === other.isCompressed
}

export function topicData(lanes: readonly ProduceLane[]): ProduceRequest['topicData'] {
  const byTopic = new Map<string, ProduceLane[]>()
  for (const lane of lanes) byTopic.set(lane.topic, [...(byTopic.get(lane.topic) ?? []), lane])
  return [...byTopic].map(([topic, own]) => ({
    topic,
    partitions: own.map(({ partition, sequence, head }) => ({
      partition,
      firstSequence: sequence,
      messages: head?.messages.map(toKafka) ?? [],
    })),
  }))
}

function toKafka({ key, value }: Outgoing): { key: Buffer | null; value: Buffer | null } {
  return { key: asBuffer(key), value: asBuffer(value) }
}

function asBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function offsetOf(response: ProduceResponse, { topic, partition }: ProduceLane): number {
  const found = response.topics
    .find(({ topicName }) => topicName === topic)
    ?.partitions.find((answer) => answer.partition === partition)
  return Number(found?.baseOffset ?? -1)
}
