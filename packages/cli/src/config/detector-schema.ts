/**
 * Section `detector`: how a detector of a fleet works. What it judges by is `policy` and `rules`.
 */
import { z } from 'zod'
import { whole } from './values.ts'

export interface DetectorConfig {
  readonly sourcesPerPartition: number
  readonly changesPerCommit: number
  readonly concurrency: number
  readonly heartbeatSeconds: number
}

export const DETECTOR_SECTION: z.ZodType<DetectorConfig> = z
  .strictObject({
    sourcesPerPartition: whole(
      5_000,
      1_000,
      'Sources that one partition keeps in memory; the others are in Redis and cost a look-up.',
    ),
    changesPerCommit: whole(2_000, 1, 'So many changed scans are committed at once, at least.', 5_000),
    concurrency: whole(4, 1, 'Partitions handled side by side.', 64),
    heartbeatSeconds: whole(10, 1, 'How often it says that it is alive.', 300),
  })
  .prefault({})
  .describe('How a detector of a fleet works.')
