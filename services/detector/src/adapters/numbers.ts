/** Numbers: what the partitions that are ours add up to, for metrics and heartbeats. Read when somebody asks. */
import type { ReporterClock } from '../detect/fleet/reporter-clocks.ts'
import type { ProcessNumbers } from '../process-events.ts'
import { offClocks } from './clock-watch.ts'
import { NO_NUMBERS } from './stage-numbers.ts'
import type { StageReader } from './stage-reader.ts'

export interface Readers {
  readonly packets: StageReader | undefined
  readonly contacts: StageReader | undefined
}

export function processNumbers(readers: Readers, now: number): ProcessNumbers {
  return {
    ...(readers.packets?.numbers ?? NO_NUMBERS),
    lagRecords: byStage(readers, (reader) => sumOf(reader.workers.map(({ lag }) => lag))),
    lagSeconds: byStage(readers, (reader) =>
      Math.max(0, ...reader.workers.map((worker) => worker.lagSeconds(now))),
    ),
    partitions: byStage(readers, (reader) => reader.workers.length),
    skewed: offClocks(clocksOf(readers)).length,
  }
}

export function clocksOf({ packets }: Readers): ReporterClock[] {
  return (packets?.workers ?? []).flatMap(({ stage }) => [...stage.clocks()])
}

function byStage(readers: Readers, read: (reader: StageReader) => number): Record<string, number> {
  const { packets, contacts } = readers
  return { packets: packets ? read(packets) : 0, contacts: contacts ? read(contacts) : 0 }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
