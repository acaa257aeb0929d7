/**
 * Instants as text, in UTC; a pure folder has no Date.
 *
 * Years 0 to 9999 only: what lies outside is drawn to the nearer end, so that a strange number of a stranger never throws.
 */
import { isoText } from '@picket/schemas'

const LEAST = -62_167_219_200_000
const MOST = 253_402_300_799_999

/** `2026-11-23T15:32:08.000Z`, as Date.toISOString writes it. */
export function isoTime(ms: number): string {
  return isoText(Math.min(Math.max(Number.isFinite(ms) ? Math.floor(ms) : 0, LEAST), MOST))
}

/** `2026-11-23 15:32:08 UTC`, for people. */
export function plainTime(ms: number): string {
  return `${isoTime(ms).replace('T', ' ').slice(0, 19)} UTC`
}
