/** Values that several channels share. */
import { parsePrefix } from '@picket/schemas'
import { z } from 'zod'
import { flag } from './values.ts'

export function secretFile(meaning: string): z.ZodString {
  return z.string().min(1).describe(`${meaning} Read again at every use.`)
}

export const caFile: z.ZodOptional<z.ZodString> = z
  .string()
  .min(1)
  .optional()
  .describe('File of the authorities to trust (PEM); without it those of Node.')

export function allowed(meaning: string): z.ZodDefault<z.ZodArray<z.ZodString>> {
  const network = z
    .string()
    .refine((text) => parsePrefix(text) !== undefined, 'must be an address or a network')
  return z.array(network).default([]).describe(meaning)
}

export function insecure(meaning: string): z.ZodDefault<z.ZodBoolean> {
  return flag(false, meaning)
}

export function operational(byDefault: boolean): z.ZodDefault<z.ZodBoolean> {
  return flag(
    byDefault,
    'Also hears of trouble with Picket itself, e.g. that another channel does not deliver.',
  )
}

export function timeoutSeconds(byDefault: number): z.ZodDefault<z.ZodNumber> {
  return z
    .number()
    .min(1)
    .max(300)
    .default(byDefault)
    .describe('An attempt that takes longer has failed, and is made again.')
}
