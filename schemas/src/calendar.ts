/**
 * Calendar arithmetic of the proleptic Gregorian calendar, in UTC and without a clock.
 *
 * A pure folder has no Date. Days are counted from 1970-01-01; a date that does not exist has no
 * day, rather than rolling over into the next month.
 */
export const SECOND_MS = 1_000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Month from 1. */
export function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  const days = month === 2 && isLeap(year) ? 29 : (MONTH_DAYS[month - 1] as number)
  return day <= days
}

/** Days since 1970-01-01 of a date that exists. Years begin in March here, so that the leap day comes last. */
export function daysFromDate(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1
  const era = Math.floor(marchYear / 400)
  const yearOfEra = marchYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The year that a moment (ms since 1970 UTC) lies in. */
export function yearOf(ms: number): number {
  return dateOfDay(Math.floor(ms / DAY_MS)).year
}

/** ISO 8601 in UTC with milliseconds, as Date's toISOString writes it. */
export function isoText(ms: number): string {
  const whole = Math.floor(ms)
  const day = Math.floor(whole / DAY_MS)
  const { year, month, date } = dateOfDay(day)
  const rest = whole - day * DAY_MS
  const time = [rest / HOUR_MS, (rest / MINUTE_MS) % 60, (rest / SECOND_MS) % 60].map((part) =>
    padded(part, 2),
  )
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(date, 2)}T${time.join(':')}.${padded(rest % SECOND_MS, 3)}Z`
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function dateOfDay(day: number): { year: number; month: number; date: number } {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const date = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date }
}

function padded(value: number, digits: number): string {
  return String(Math.floor(value)).padStart(digits, '0')
}
