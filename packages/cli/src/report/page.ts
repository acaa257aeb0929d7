/**
 * Page: how a report is to look: colours, width, zone.
 *
 * Text is 80 columns wide at least and 120 at most: below, tables would break; above, eyes lose the row.
 */
import { type Palette, PLAIN, paletteFor } from '../terminal/palette.ts'
import { printTime, type Zone, zoneNamed } from '../zone.ts'

export interface Page {
  readonly palette: Palette
  readonly columns: number
  readonly zone: Zone
  /** Rows of each list, and incidents shown in full. */
  readonly top: number
}

export const PLAIN_PAGE: Page = { palette: PLAIN, columns: 100, zone: zoneNamed('UTC'), top: 10 }

export function pageWidth(columns: number | undefined): number {
  return Math.min(Math.max(columns ?? 100, 80), 120)
}

export function timeOf(page: Page, iso: string): string {
  return printTime(page.zone, Date.parse(iso))
}

/** A period without saying the day twice: `2026-11-23 15:32:04 → 15:32:15`. */
export function periodOf(page: Page, from: string, to: string): string {
  const [first, last] = [timeOf(page, from), timeOf(page, to)]
  if (first === last) return first
  return first.slice(0, 10) === last.slice(0, 10) ? `${first} → ${last.slice(11)}` : `${first} → ${last}`
}

/** The page that standard output of this process is. */
export function pageFor(flags: { readonly color: boolean; readonly top?: number }, zone: Zone): Page {
  const { stdout, env } = process
  return {
    palette: paletteFor({ isTTY: stdout.isTTY === true, env, wanted: flags.color }),
    columns: pageWidth(stdout.columns ?? (Number(env['COLUMNS']) || undefined)),
    zone,
    top: flags.top ?? 10,
  }
}
