/**
 * The zone of stamps that name none, from an IANA name (`Europe/Berlin`), `UTC`, or `+02:00`.
 *
 * Asks Intl, the only clock lore Node has. A local time that a change of clocks makes ambiguous is
 * taken as its first occurrence; one that it skips, as if the clocks had not changed yet.
 */
import type { ZoneOffset } from '../parse/envelope/local-time.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Throws with a message that says what to write instead. Without a name: this machine's zone. */
export function zoneOffset(tz?: string): ZoneOffset {
  const name = tz === undefined || tz === '' || tz === 'local' ? hostZone() : tz
  const fixed = fixedOffset(name)
  if (fixed !== undefined) return () => fixed
  const utcOffset = offsetReader(name)
  let day = Number.NaN
  let dayOffset: number | undefined
  return (localMs) => {
    const today = Math.floor(localMs / DAY_MS)
    if (today !== day) {
      day = today
      dayOffset = offsetOfDay(utcOffset, today)
    }
    return dayOffset ?? localOffset(utcOffset, localMs)
  }
}

function hostZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

function fixedOffset(name: string): number | undefined {
  if (name === 'UTC' || name === 'GMT' || name === 'Z') return 0
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(name)
  if (match === null) return undefined
  const minutes = Number(match[2]) * 60 + Number(match[3])
  return (match[1] === '-' ? -minutes : minutes) * MINUTE_MS
}

/** The offset of a local day in which the clocks do not change, else undefined. */
function offsetOfDay(utcOffset: (utcMs: number) => number, day: number): number | undefined {
  // Offsets lie within a day of UTC, so nothing changes in a local day around which nothing changes.
  const before = utcOffset((day - 1) * DAY_MS)
  return before === utcOffset((day + 2) * DAY_MS) ? before : undefined
}

function localOffset(utcOffset: (utcMs: number) => number, localMs: number): number {
  const before = utcOffset(localMs - DAY_MS)
  // Right as long as the clocks have not changed by then; true of an ambiguous time's first occurrence as well.
  if (utcOffset(localMs - before) === before) return before
  const after = utcOffset(localMs + DAY_MS)
  return utcOffset(localMs - after) === after ? after : before
}

/** Milliseconds east of UTC at a moment. */
function offsetReader(name: string): (utcMs: number) => number {
  const format = formatOf(name)
  return (utcMs) => {
    const minute = Math.floor(utcMs / MINUTE_MS) * MINUTE_MS
    const parts = new Map(format.formatToParts(minute).map(({ type, value }) => [type, Number(value)]))
    const field = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    const local = Date.UTC(
      field('year'),
      field('month') - 1,
      field('day'),
      field('hour') % 24,
      field('minute'),
      field('second'),
    )
    return local - minute
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const numeric = 'numeric'
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    })
  } catch (cause) {
    throw new Error(
      `unknown time zone "${timeZone}": write an IANA name such as Europe/Berlin, UTC, or +02:00`,
      {
        cause,
      },
    )
  }
}
