/**
 * Retry: how long to wait before a notice is tried again.
 *
 * Doubling from one second to five minutes. What the other side asks for wins, within an hour: a stranger's Retry-After of a year
 * must not silence us.
 */
const FIRST_MS = 1_000
const LONGEST_MS = 300_000
const LONGEST_ASKED_MS = 3_600_000

/** `attempts` were made and failed, one or more; `spread` of 0 to 1 keeps many from coming at the same moment. */
export function retryDelayMs(attempts: number, askedMs: number | undefined, spread: number): number {
  const own = Math.min(FIRST_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_MS)
  const asked = Math.min(Math.max(askedMs ?? 0, 0), LONGEST_ASKED_MS)
  return Math.max(asked, Math.round(own * (0.75 + spread / 4)))
}

/** Retry-After (RFC 9110 10.2.3): seconds or an HTTP date, as ms from now; undefined when it is neither. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  const at = httpDate(text)
  return at === undefined ? undefined : Math.max(at - now, 0)
}

const HTTP_DATE = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'

/** IMF-fixdate only: the obsolete forms are as good as no header. */
function httpDate(text: string): number | undefined {
  const [, day, month = '', year, ...clock] = HTTP_DATE.exec(text) ?? []
  const index = MONTHS.indexOf(month) / 3
  if (day === undefined || month === '' || !Number.isInteger(index) || index < 0) return undefined
  const [hours = 0, minutes = 0, seconds = 0] = clock.map(Number)
  const days = daysBefore(Number(year), index) + Number(day) - 1
  return ((days * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1_000
}

const MONTH_STARTS = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const

/** Days from 1970 to the first of a month (0 to 11) of the Gregorian calendar. */
function daysBefore(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const past = year - 1
  const leaps = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - 477
  return (year - 1970) * 365 + leaps + (MONTH_STARTS[month] ?? 0) + (isLeap && month > 1 ? 1 : 0)
}
