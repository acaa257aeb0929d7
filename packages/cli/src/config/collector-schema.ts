/**
 * Section `collector`: what sends this host's packets to the fleet. Where lines come from is section `sources`.
 */
import { z } from 'zod'
import { whole } from './values.ts'

export interface CollectorConfig {
  readonly site: string
  readonly reporter?: string | undefined
  readonly spool: {
    readonly path?: string | undefined
    readonly maxBytes: number
    readonly maxAgeDays: number
  }
  readonly batch: { readonly records: number; readonly bytes: number; readonly ageMs: number }
  readonly heartbeatSeconds: number
}

const GIBIBYTE = 2 ** 30
const MEBIBYTE = 2 ** 20

const SPOOL = z
  .strictObject({
    path: z.string().min(1).optional().describe('Its folder; without it `spool` in the state folder.'),
    maxBytes: whole(
      GIBIBYTE,
      MEBIBYTE,
      'What it may take on the disk; beyond that the oldest batches are dropped, and counted.',
    ),
    maxAgeDays: whole(7, 1, 'Batches that nobody took for so long are dropped, and counted.'),
  })
  .prefault({})
  .describe('Where batches wait until the broker has them.')

const BATCH = z
  .strictObject({
    records: whole(1_000, 1, 'So many records at most,', 8_192),
    bytes: whole(256 * 1024, 1_024, 'so many bytes, before compression,', 768 * 1024),
    ageMs: whole(200, 1, 'and so many milliseconds after its first packet at the latest.', 60_000),
  })
  .prefault({})
  .describe('When a batch is sealed.')

export const COLLECTOR: z.ZodType<CollectorConfig> = z
  .strictObject({
    site: z.string().max(64).default('').describe('A label where private networks overlap.'),
    reporter: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('Name of this machine in the fleet; without it its host name.'),
    spool: SPOOL,
    batch: BATCH,
    heartbeatSeconds: whole(10, 1, 'How often it tells the fleet that it is alive.', 3_600),
  })
  .prefault({})
  .describe('The collector of a fleet’s host.')
