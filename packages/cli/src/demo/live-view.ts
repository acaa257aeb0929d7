/**
 * The live view: a table of who scans, redrawn in place while the lines come in.
 *
 * It only moves up over what it drew itself, so whatever stands above in the terminal stays.
 */

import { safeText } from '@picket/schemas'
import { levelPaint } from '../report/incident.ts'
import type { Page } from '../report/page.ts'
import type { StatusDocument } from '../run/status.ts'
import { clip } from '../terminal/layout.ts'
import { sparkline } from '../terminal/sparkline.ts'
import { plural, spoken, thousands } from '../terminal/words.ts'

const ESC = String.fromCharCode(27)
const ROWS = 6

export class LiveView {
  readonly #page: Page
  readonly #write: (text: string) => void
  readonly #rates: number[] = []
  #lines = 0
  #drawn = 0

  constructor(page: Page, write: (text: string) => void) {
    this.#page = page
    this.#write = write
  }

  draw(status: StatusDocument): void {
    this.#rates.push(Math.max(status.lines - this.#lines, 0))
    this.#lines = status.lines
    const view = renderLive(status, this.#rates, this.#page)
    const up = this.#drawn === 0 ? '' : `${ESC}[${this.#drawn}A`
    this.#write(`${up}${view.map((line) => `${line}${ESC}[K\n`).join('')}`)
    this.#drawn = view.length
  }

  /** Wipes the view: the report that follows says more. */
  clear(): void {
    if (this.#drawn > 0) this.#write(`${ESC}[${this.#drawn}A${ESC}[J`)
    this.#drawn = 0
  }
}

export function renderLive(status: StatusDocument, rates: readonly number[], page: Page): string[] {
  const { palette, columns } = page
  const spark = sparkline(rates.slice(-(columns - 30)))
  const rows = status.incidents.slice(0, ROWS).map((incident) => {
    const paint = levelPaint(palette, incident.level)
    const meter = '■'.repeat(incident.level).padEnd(5, '·')
    const who = safeText(incident.source ?? incident.prefix).padEnd(18)
    const kinds = incident.kinds.map((kind) => spoken(safeText(kind))).join(', ')
    const counts = `${thousands(incident.packets)} packets, ${plural(incident.hostCount, 'host')}, ${plural(incident.portCount, 'port')}`
    return `  ${paint(meter)} ${palette.bold(who)} ${clip(`${kinds.padEnd(32)} ${counts}`, columns - 28)}`
  })
  while (rows.length < ROWS) rows.push('')
  return [
    '',
    `  ${palette.cyan(spark.padEnd(columns - 30))}  ${thousands(status.lines)} lines read`,
    '',
    ...rows,
    '',
    `  ${plural(status.incidents.length, 'incident')} so far; ${plural(status.sources, 'source')} remembered`,
  ]
}
