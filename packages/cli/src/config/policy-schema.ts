/**
 * Section `policy`: who judges, with which thresholds.
 */
import { PICKET_POLICY, PSAD_POLICY } from '@picket/detector'
import { z } from 'zod'
import type { PolicySettings } from '../judging.ts'
import { PICKET } from './picket-schema.ts'
import { PSAD } from './psad-schema.ts'

export type PolicyConfig = 'picket' | 'psad' | PolicySettings

export const POLICY: z.ZodType<PolicyConfig> = z
  .union([z.enum(['picket', 'psad']), z.union([PICKET, PSAD])])
  .default('picket')
  .describe('Who judges: `picket`, `psad`, or a map of its `name` and thresholds of your own.')

const HOUR = 3_600

/** After so long without a packet an incident is told to be over: psad's SCAN_TIMEOUT, and an hour where levels fade by themselves. */
export function quietSeconds(policy: PolicyConfig): number {
  const settings = policySettings(policy)
  return settings.name === 'psad' ? settings.SCAN_TIMEOUT : HOUR
}

export function policySettings(policy: PolicyConfig): PolicySettings {
  if (policy === 'picket') return { name: 'picket', ...PICKET_POLICY }
  return policy === 'psad' ? { name: 'psad', ...PSAD_POLICY } : policy
}
