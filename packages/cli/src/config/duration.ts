/**
 * Durations as people write them: `30s`, `5m`, `24h`, `7d`.
 */

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

export const DURATION: RegExp = /^(\d{1,9})([smhd])$/

/** NaN when the text is none. */
export function durationSeconds(text: string): number {
  const match = DURATION.exec(text)
  if (match === null) return Number.NaN
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]
}
