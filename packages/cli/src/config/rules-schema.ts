/**
 * Section `rules`: what the admin says about traffic before any policy looks at it.
 *
 * Networks, ports and expressions are checked by the detector's own compiler, which knows their
 * grammar; its faults are told beside the schema's.
 */
import type { AssignmentSettings, RuleSettings } from '@picket/detector'
import { z } from 'zod'
import { texts } from './values.ts'

export interface RulesConfig extends Pick<Required<RuleSettings>, 'homeNet' | 'allow' | 'ignore'> {
  readonly assignments: string | readonly (AssignmentSettings | { readonly file: string })[]
}

const IGNORE = z
  .strictObject({
    ports: texts('Destination ports: `tcp/61000-61356`, `udp/53` (psad: IGNORE_PORTS).'),
    protocols: texts('Names or numbers: `udp`, `2` (psad: IGNORE_PROTOCOLS).'),
    interfaces: texts(
      'Where packets came in; for our own packets where they left (psad: IGNORE_INTERFACES).',
    ),
    prefixes: texts('Regular expressions found anywhere in the log prefix (psad: IGNORE_LOG_PREFIXES).'),
    sources: texts('Addresses or networks that sent the packet.'),
    destinations: texts('Addresses or networks that it was sent to.'),
  })
  .prefault({})
  .describe('Packets that nobody is to look at. Ignoring wins over assigning.')

const FROM_FILE = z.strictObject({
  file: z
    .string()
    .describe('A file in psad’s auto_dl format, read as it is; relative to this configuration.'),
})

export const INLINE: z.ZodType<AssignmentSettings> = z.strictObject({
  network: z.string().describe('An address or a network.'),
  level: z.number().int().min(0).max(5).describe('0 exempts; 1 to 5 is the level from the first packet on.'),
  only: z.string().optional().describe('Only for these: `tcp/1-1024, udp`.'),
})

export const RULES: z.ZodType<RulesConfig> = z
  .strictObject({
    homeNet: texts('Our own networks: what scans from here is an outbound scan.'),
    allow: texts('Addresses and networks that are no scanners, whatever they do.'),
    ignore: IGNORE,
    assignments: z
      .union([z.string(), z.array(z.union([INLINE, FROM_FILE]))])
      .default([])
      .describe('Levels given beforehand: psad’s auto_dl file, or a list. The most specific entry wins.'),
  })
  .prefault({})
  .describe('What is known about traffic beforehand.')
