/**
 * Values that several sections of the configuration share. Each says in its message what to write.
 */
import { z } from 'zod'
import { DURATION, durationSeconds } from './duration.ts'

/** psad writes seconds as a number; a duration says the same more plainly. */
export function seconds(byDefault: number, meaning: string): z.ZodType<number> {
  return anySeconds().default(byDefault).describe(meaning)
}

/** The same without a default. */
export function anySeconds(): z.ZodUnion<
  [z.ZodNumber, z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>]
> {
  const text = z
    .string()
    .regex(DURATION, 'must be a number of seconds or a duration such as 30s, 5m, 24h or 7d')
  return z.union([z.number().int().min(1), text.transform(durationSeconds)])
}

/** A switch, also as psad writes it. */
export function yesNo(byDefault: boolean, meaning: string): z.ZodType<boolean> {
  return z
    .union([z.boolean(), z.enum(['Y', 'N']).transform((text) => text === 'Y')])
    .default(byDefault)
    .describe(meaning)
}

export function flag(byDefault: boolean, meaning: string): z.ZodDefault<z.ZodBoolean> {
  return z.boolean().default(byDefault).describe(meaning)
}

export function whole(
  byDefault: number,
  least: number,
  meaning: string,
  most: number = Number.MAX_SAFE_INTEGER,
): z.ZodDefault<z.ZodNumber> {
  return z.number().int().min(least).max(most).default(byDefault).describe(meaning)
}

export function texts(meaning: string): z.ZodDefault<z.ZodArray<z.ZodString>> {
  return z.array(z.string()).default([]).describe(meaning)
}

export function port(byDefault: number, meaning: string): z.ZodDefault<z.ZodNumber> {
  return z.number().int().min(1).max(65_535).default(byDefault).describe(meaning)
}

export function ports(byDefault: readonly number[], meaning: string): z.ZodDefault<z.ZodArray<z.ZodNumber>> {
  return z
    .array(z.number().int().min(0).max(65_535))
    .default([...byDefault])
    .describe(meaning)
}
