/**
 * Section `sources`: where the firewall's lines come from.
 */
import type { SourceSettings } from '@picket/collector/main'
import { z } from 'zod'

/** As the collector takes it, but that a name may be left out. */
export type SourceConfig = SourceSettings extends infer S
  ? S extends SourceSettings
    ? Omit<S, 'name'> & { readonly name?: string | undefined }
    : never
  : never

const name = z
  .string()
  .min(1)
  .optional()
  .describe(
    'Its name in logs and metrics; part of incident ids. Without it: the type, or the path of a file.',
  )

const FILE = z.strictObject({
  type: z.literal('file').describe('A log file that grows and is rotated.'),
  name,
  path: z.string().min(1).describe('The file.'),
  from: z.enum(['start', 'end']).default('end').describe('Where to begin when no position is saved.'),
})

const JOURNAL = z.strictObject({
  type: z.literal('journal').describe('The kernel’s lines in the systemd journal.'),
  name,
  command: z
    .array(z.string().min(1))
    .min(1)
    .default(['journalctl'])
    .describe('The executable, and arguments that stand before ours.'),
})

const KMSG = z.strictObject({
  type: z.literal('kmsg').describe('The kernel’s ring buffer.'),
  name,
  path: z.string().min(1).default('/dev/kmsg').describe('The device.'),
})

const SOCKET = z.strictObject({
  type: z.literal('socket').describe('A unix socket that ulogd2 (JSON) connects to.'),
  name,
  path: z.string().min(1).describe('The socket to listen on.'),
})

const STDIN = z.strictObject({ type: z.literal('stdin').describe('Standard input.'), name })

export const SOURCES: z.ZodType<SourceConfig[]> = z
  .array(z.discriminatedUnion('type', [FILE, JOURNAL, KMSG, SOCKET, STDIN]))
  .default([])
  .describe(
    'Where lines come from. An empty list means: the journal if there is one, else the kernel’s log file, else /dev/kmsg.',
  )
