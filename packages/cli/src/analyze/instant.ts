/**
 * Instants on the command line: ISO 8601, a day or a time, with or without a zone.
 *
 * Without one they are read in the zone of --tz, like the stamps of the log they are compared with.
 */
import { WrongUse } from '../failures.ts'
import type { Zone } from '../zone.ts'

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?(Z|[+-]\d{2}:?\d{2})?$/

export function instantOf(text: string, flag: string, zone: Zone): number {
  const match = ISO.exec(text)
  const hasZone = match?.[1] !== undefined
  const time = match === null ? Number.NaN : Date.parse(hasZone ? text : utcText(text))
  if (Number.isNaN(time)) {
    throw new WrongUse(
      `${flag} ${text}: not a time; write 2026-11-23, 2026-11-23T15:00 or 2026-11-23T15:00:00Z`,
    )
  }
  return hasZone ? time : time - zone.offsetOfLocal(time)
}

/** A day alone is UTC to Date.parse already. */
function utcText(text: string): string {
  return text.length > 10 ? `${text.replace(' ', 'T')}Z` : text
}
