/** How lines are to be read, from the options that all reading commands share. */
import type { VerdictMap } from '@picket/collector'
import type { ReadingFlags } from '../commands/options.ts'
import type { Zone } from '../zone.ts'
import { instantOf } from './instant.ts'
import type { ReadSettings } from './reading.ts'

export function readSettings(flags: ReadingFlags, zone: Zone, verdicts: VerdictMap): ReadSettings {
  return {
    zone: zone.offsetOfLocal,
    bootTime: flags.boot === undefined ? Number.NaN : instantOf(flags.boot, '--boot', zone),
    verdicts,
  }
}
