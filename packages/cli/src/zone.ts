/**
 * Zone: from a wall clock without a zone to UTC, and back for printing.
 *
 * BSD syslog stamps are local time. `offsetOfLocal` is asked once a line, so it answers from a
 * quarter-hour cache: no zone changes its offset anywhere else. A wall time that a clock change
 * skips or repeats is read with the offset that held before the change.
 */
import { WrongUse } from './failures.ts'

export interface Zone {
  readonly name: string
  /** ms east of UTC that hold at this local wall clock (ms, as if it were UTC). */
  readonly offsetOfLocal: (localMs: number) => number
  /** ms east of UTC at this instant. */
  readonly offsetAt: (utcMs: number) => number
}

const QUARTER_MS = 15 * 60_000
const DAY_MS = 86_400_000
const FIXED = /^([+-])(\d{2}):?(\d{2})$/

export function zoneNamed(name: string | undefined): Zone {
  if (name === undefined) return zoneOf('', localOffsetAt)
  const fixed = fixedOffset(name)
  if (fixed !== undefined) return zoneOf(name, () => fixed)
  return zoneOf(name, namedOffsetAt(name))
}

export function isZone(name: string): boolean {
  try {
    zoneNamed(name)
    return true
  } catch {
    return false
  }
}

function fixedOffset(name: string): number | undefined {
  if (name === 'UTC' || name === 'Z') return 0
  const match = FIXED.exec(name)
  if (match === null) return undefined
  const minutes = Number(match[2]) * 60 + Number(match[3])
  return (match[1] === '-' ? -minutes : minutes) * 60_000
}

function localOffsetAt(utcMs: number): number {
  return -new Date(utcMs).getTimezoneOffset() * 60_000
}

function namedOffsetAt(timeZone: string): (utcMs: number) => number {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  } catch {
    throw new WrongUse(`${timeZone}: no such time zone (examples: UTC, Europe/Berlin, +02:00)`)
  }
  return (utcMs) => {
    const part = format.formatToParts(utcMs).find(({ type }) => type === 'timeZoneName')
    return fixedOffset((part?.value ?? '').replace('GMT', '')) ?? 0
  }
}

function zoneOf(name: string, offsetAt: (utcMs: number) => number): Zone {
  let quarter = Number.NaN
  let offset = 0
  const offsetOfLocal = (localMs: number): number => {
    const asked = Math.floor(localMs / QUARTER_MS)
    if (asked === quarter) return offset
    quarter = asked
    const before = offsetAt(localMs - DAY_MS)
    const instant = localMs - before
    offset = offsetAt(instant) === before ? before : offsetAt(localMs - offsetAt(instant))
    return offset
  }
  return { name, offsetOfLocal, offsetAt }
}

/** `2026-11-23 15:32:04` in this zone. */
export function printTime(zone: Zone, utcMs: number): string {
  return new Date(utcMs + zone.offsetAt(utcMs)).toISOString().slice(0, 19).replace('T', ' ')
}
