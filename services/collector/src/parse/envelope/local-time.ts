/**
 * The two stamps that syslog daemons write: `Nov 23 15:22:05` and `2026-11-23T15:20:01.123+00:00`.
 *
 * Lines come in time order, so the minute that was decoded last is kept as bytes and compared first;
 * zone and year are worked out once a minute. Times are whole milliseconds.
 */

import { DAY_MS, daysFromDate, HOUR_MS, isDate, MINUTE_MS, SECOND_MS, yearOf } from '@picket/schemas'
import { decimal, digitsEnd } from '../body/digits.ts'
import { isBefore } from '../body/token.ts'
import { BAD_TIME, NO_MATCH } from '../outcome.ts'

/** Milliseconds east of UTC that local clocks stood at when they showed `localMs` (ms since 1970, as if UTC). */
export type ZoneOffset = (localMs: number) => number

/** A leap day is at most eight years away (1896 to 1904, 2096 to 2104). */
const YEARS_BACK = 8
const HALF_YEAR_MS = 183 * DAY_MS

export class LocalTime {
  /** The time that was read last; an array, so that no float is boxed. */
  readonly clock: Float64Array
  reference: number
  private readonly zone: ZoneOffset
  private readonly minute: Float64Array = new Float64Array(1)
  private readonly known: Uint8Array = new Uint8Array(24)
  private knownLength = 0

  constructor(clock: Float64Array, zone: ZoneOffset, reference: number) {
    this.clock = clock
    this.zone = zone
    this.reference = reference
  }

  /** Forgets the minute: the reference has moved. */
  refer(reference: number): void {
    this.reference = reference
    this.knownLength = 0
  }

  /** `Nov 23 15:22:05`, `Nov  3 …`, `Nov 03 …`; returns the position behind it. */
  readBsd(bytes: Uint8Array, start: number, end: number): number {
    const known = this.knownLength
    if (known > 0 && end - start > known + 2 && this.isKnown(bytes, start)) {
      return this.addSeconds(bytes, start + known, end)
    }
    const at = this.decodeBsd(bytes, start, end)
    return at < 0 ? at : this.addSeconds(bytes, at, end)
  }

  private decodeBsd(bytes: Uint8Array, start: number, end: number): number {
    const month = monthAt(bytes, start, end)
    if (month === 0 || !isBefore(bytes, start + 3, end, 32)) return NO_MATCH
    let at = start + 4
    if (isBefore(bytes, at, end, 32)) at++
    const dayEnd = digitsEnd(bytes, at, end)
    if (dayEnd === at || dayEnd - at > 2 || !isBefore(bytes, dayEnd, end, 32)) return NO_MATCH
    const day = decimal(bytes, at, dayEnd)
    const minute = minuteOfDay(bytes, dayEnd + 1, end)
    if (minute === NO_MATCH) return NO_MATCH
    const nearest = this.nearest(month, day, minute)
    if (minute < 0 || Number.isNaN(nearest)) return BAD_TIME
    this.minute[0] = nearest
    return this.keep(bytes, start, dayEnd + 7)
  }

  /** The moment, among the years around the reference, that lies nearest to it; NaN when there is none. */
  private nearest(month: number, day: number, minute: number): number {
    const last = yearOf(this.reference) + 1
    let best = Number.NaN
    for (let year = last; year >= last - YEARS_BACK; year--) {
      if (!isDate(year, month, day)) continue
      const local = daysFromDate(year, month, day) * DAY_MS + minute * MINUTE_MS
      const moment = local - this.zone(local)
      if (moment - this.reference > HALF_YEAR_MS) continue
      if (!(Math.abs(moment - this.reference) >= Math.abs(best - this.reference))) best = moment
    }
    return best
  }

  /** `2026-11-23T15:20:01[.123456][Z|+00:00|+0000|+00]`, a blank for the T; without a zone, the local one. */
  readIso(bytes: Uint8Array, start: number, end: number): number {
    if (!isIsoShape(bytes, start, end)) return NO_MATCH
    const local = isoMinute(bytes, start, end)
    if (Number.isNaN(local)) return BAD_TIME
    this.minute[0] = local
    this.knownLength = 0
    const at = this.addSeconds(bytes, start + 17, end)
    return at < 0 ? at : this.subtractZone(bytes, at, end)
  }

  /** The stamp without a zone that was read last turns out to be UTC. */
  takeAsUtc(): void {
    this.clock[0] = (this.clock[0] as number) + this.zone(this.minute[0] as number)
  }

  private subtractZone(bytes: Uint8Array, at: number, end: number): number {
    const sign = at < end ? bytes[at] : 32
    if (sign === 90 /* Z */ || sign === 122) return at + 1
    if (sign !== 43 /* + */ && sign !== 45 /* - */) {
      this.clock[0] = (this.clock[0] as number) - this.zone(this.minute[0] as number)
      return at
    }
    const hoursEnd = at + 3
    if (digitsEnd(bytes, at + 1, Math.min(hoursEnd, end)) !== hoursEnd) return BAD_TIME
    const minutes = isBefore(bytes, hoursEnd, end, 58) ? hoursEnd + 1 : hoursEnd
    const zoneEnd = digitsEnd(bytes, minutes, Math.min(minutes + 2, end))
    const offset = decimal(bytes, at + 1, hoursEnd) * HOUR_MS + decimal(bytes, minutes, zoneEnd) * MINUTE_MS
    this.clock[0] = (this.clock[0] as number) - (sign === 45 ? -offset : offset)
    return zoneEnd
  }

  /** `Mon Nov 23 15:22:05 2026`, as dmesg -T and ctime(3) write it: the weekday is stepped over by the caller. */
  readCtime(bytes: Uint8Array, start: number, end: number): number {
    const month = monthAt(bytes, start, end)
    if (month === 0 || end - start < 20) return NO_MATCH
    const first = isBefore(bytes, start + 4, end, 32) ? start + 5 : start + 4
    const dayEnd = digitsEnd(bytes, first, end)
    const minute = minuteOfDay(bytes, dayEnd + 1, end)
    const year = dayEnd + 10
    if (minute === NO_MATCH || digitsEnd(bytes, year, Math.min(year + 4, end)) !== year + 4) return NO_MATCH
    const day = decimal(bytes, first, dayEnd)
    if (minute < 0 || !isDate(decimal(bytes, year, year + 4), month, day)) return BAD_TIME
    const local = daysFromDate(decimal(bytes, year, year + 4), month, day) * DAY_MS + minute * MINUTE_MS
    this.minute[0] = local - this.zone(local)
    this.knownLength = 0
    return this.addSeconds(bytes, dayEnd + 7, end) < 0 ? BAD_TIME : year + 4
  }

  private addSeconds(bytes: Uint8Array, at: number, end: number): number {
    const last = at + 2
    if (last > end) return NO_MATCH
    const tens = (bytes[at] as number) - 48
    const ones = (bytes[at + 1] as number) - 48
    // Below 0 they are huge when taken as unsigned
    if (tens >>> 0 > 9 || ones >>> 0 > 9) return NO_MATCH
    const seconds = tens * 10 + ones
    if (seconds > 60) return BAD_TIME
    this.clock[0] = (this.minute[0] as number) + seconds * SECOND_MS
    if (last < end && (bytes[last] === 46 /* . */ || bytes[last] === 44) /* , */) {
      return this.addFraction(bytes, last + 1, end)
    }
    return last
  }

  /** Milliseconds; further digits are stepped over. */
  private addFraction(bytes: Uint8Array, first: number, end: number): number {
    const last = digitsEnd(bytes, first, end)
    let milliseconds = 0
    for (let i = 0; i < 3; i++)
      milliseconds = milliseconds * 10 + (first + i < last ? (bytes[first + i] as number) - 48 : 0)
    this.clock[0] = (this.clock[0] as number) + milliseconds
    return last
  }

  private isKnown(bytes: Uint8Array, start: number): boolean {
    for (let i = this.knownLength - 1; i >= 0; i--) {
      if (this.known[i] !== bytes[start + i]) return false
    }
    return true
  }

  private keep(bytes: Uint8Array, start: number, stop: number): number {
    this.knownLength = stop - start
    for (let i = 0; i < this.knownLength; i++) this.known[i] = bytes[start + i] as number
    return stop
  }
}

function isIsoShape(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 19 || bytes[start + 4] !== 45 || bytes[start + 7] !== 45) return false
  const separator = bytes[start + 10]
  if (separator !== 84 /* T */ && separator !== 116 && separator !== 32) return false
  return (
    digitsEnd(bytes, start, start + 4) === start + 4 && bytes[start + 13] === 58 && bytes[start + 16] === 58
  )
}

function isoMinute(bytes: Uint8Array, start: number, end: number): number {
  const year = decimal(bytes, start, start + 4)
  const month = decimal(bytes, start + 5, start + 7)
  const day = decimal(bytes, start + 8, start + 10)
  const minute = minuteOfDay(bytes, start + 11, end)
  if (minute < 0 || !isDate(year, month, day)) return Number.NaN
  return daysFromDate(year, month, day) * DAY_MS + minute * MINUTE_MS
}

/** `15:22:` as minutes; BAD_TIME when it has the form but not the range. */
function minuteOfDay(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 6 || bytes[at + 2] !== 58 || bytes[at + 5] !== 58) return NO_MATCH
  if (digitsEnd(bytes, at, at + 2) !== at + 2 || digitsEnd(bytes, at + 3, at + 5) !== at + 5) return NO_MATCH
  const hours = decimal(bytes, at, at + 2)
  const minutes = decimal(bytes, at + 3, at + 5)
  return hours < 24 && minutes < 60 ? hours * 60 + minutes : BAD_TIME
}

/** 1 to 12 by its English name, or 0. */
function monthAt(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 3) return 0
  return (
    MONTHS.indexOf(
      ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number),
    ) + 1
  )
}

const MONTHS: readonly number[] = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'
  .split(' ')
  .map((name) => (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2))
