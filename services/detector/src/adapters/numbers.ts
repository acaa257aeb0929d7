/** Numbers: what the partitions that are ours add up to, for metrics and heartbeats. Read when somebody asks. */
import type { ProcessNumbers } from '../process-events.ts'
import type { StageReader } from './stage-reader.ts'

export interface Readers {
  readonly packets: StageReader | undefined
  readonly contacts: StageReader | undefined
}

const SUMMED = [
  'sources',
  'late',
  'ahead',
  'missing',
  'repeated',
  'replayed',
  'evicted',
  'forgotten',
] as const

export function processNumbers(readers: Readers, now: number): ProcessNumbers {
  const folds = (readers.packets?.workers ?? []).map(({ stage }) => stage.numbers)
  const totals = Object.fromEntries(SUMMED.map((name) => [name, sumOf(folds.map((fold) => fold[name]))]))
  return {
    ...(totals as Record<(typeof SUMMED)[number], number>),
    observed: addUp(folds.map(({ observed }) => observed)),
    lagRecords: byStage(readers, (reader) => sumOf(reader.workers.map(({ lag }) => lag))),
    lagSeconds: byStage(readers, (reader) =>
      Math.max(0, ...reader.workers.map((worker) => worker.lagSeconds(now))),
    ),
    partitions: byStage(readers, (reader) => reader.workers.length),
  }
}

function byStage(readers: Readers, read: (reader: StageReader) => number): Record<string, number> {
  const { packets, contacts } = readers
  return { packets: packets ? read(packets) : 0, contacts: contacts ? read(contacts) : 0 }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}

function addUp(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const one of all) for (const [name, count] of Object.entries(one)) sum[name] = (sum[name] ?? 0) + count
  return sum
}
