/**
 * Who is never banned, as the sections `allow` and `enforcer.allow` say it: a network, or one with an end and a comment.
 */
import { parsePrefix } from '@picket/schemas'
import { z } from 'zod'

export interface AllowConfigEntry {
  readonly network: string
  readonly until?: string | undefined
  readonly comment?: string | undefined
}

export type AllowConfigList = readonly (string | AllowConfigEntry)[]

const NETWORK = z
  .string()
  .refine((text) => parsePrefix(text) !== undefined, 'must be an address or a network such as 192.0.2.0/24')

const ENTRY = z.strictObject({
  network: NETWORK.describe('An address or a network.'),
  until: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time such as 2026-12-01T00:00:00Z')
    .optional()
    .describe('When the entry ends; without it never.'),
  comment: z.string().max(200).optional().describe('Why, for whoever reads the refusal.'),
})

/** Nobody where it is left out. */
export function allowList(description: string): z.ZodDefault<z.ZodType<AllowConfigList>> {
  const list: z.ZodType<AllowConfigList> = z.array(z.union([NETWORK, ENTRY]))
  return list.default([]).describe(description)
}
