/**
 * Instants as text, in UTC; a pure folder has no Date.
 *
 * Years 0 to 9999 only: what lies outside is drawn to the nearer end, so that a strange number of a stranger never throws.
 */
const DAY_MS = 86_400_000
const LEAST = -62_167_219_200_000
const MOST = 253_402_300_799_999

/** `2026-11-23T15:32:08.000Z`, as Date.toISOString writes it. */
export function isoTime(ms: number): string {
  const at = Math.min(Math.max(Number.isFinite(ms) ? Math.floor(ms) : 0, LEAST), MOST)
  const days = Math.floor(at / DAY_MS)
  const rest = at - days * DAY_MS
  const { year, month, day } = civil(days)
  const date = `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`
  const [hours, minutes, seconds] = [rest / 3_600_000, (rest / 60_000) % 60, (rest / 1_000) % 60].map(
    Math.floor,
  ) as [number, number, number]
  return `${date}T${padded(hours, 2)}:${padded(minutes, 2)}:${padded(seconds, 2)}.${padded(rest % 1_000, 3)}Z`
}

/** `2026-11-23 15:32:08 UTC`, for people. */
export function plainTime(ms: number): string {
  return `${isoTime(ms).replace('T', ' ').slice(0, 19)} UTC`
}

/** From days since 1970 to the date; Howard Hinnant's civil_from_days. */
function civil(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468
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
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, '0')
}
