/**
 * What every adapter of the queue must do. Each adapter's test file runs this suite, and adds what is peculiar to it.
 */
import { Bench, type QueueUnderTest } from './queue-bench.ts'
import { groupsContract } from './queue-groups.ts'
import { readingContract } from './queue-reading.ts'
import { sendingContract } from './queue-sending.ts'

export function queueContract(name: string, start: () => Promise<QueueUnderTest>): Bench {
  const bench = new Bench(name, start)
  sendingContract(bench)
  readingContract(bench)
  groupsContract(bench)
  return bench
}
