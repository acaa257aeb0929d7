import { MemoryQueue } from '@picket/runtime'
import { freshName } from '../services/shared.ts'
import { queueContract } from './queue-contract.ts'

queueContract('memory', async () => {
  const names = Array.from({ length: 40 }, () => freshName('topic'))
  const counts = [1, 2, 3, 5, 6]
  const topics = Object.fromEntries(names.flatMap((name) => counts.map((n) => [`${name}-${n}`, n])))
  const queues: MemoryQueue[] = []
  return {
    // its groups live in one object: another client of its log is the queue itself, while it is open
    connect: () => {
      const queue = queues[0] ?? new MemoryQueue({ topics })
      queues.push(queue)
      return queue
    },
    topic: async (partitions) => `${names.pop()}-${partitions}`,
    trim: async (topic, partition, start) => queues[0]?.trim(topic, partition, start),
    isChanging: async () => true,
    close: async () => undefined,
  }
})
