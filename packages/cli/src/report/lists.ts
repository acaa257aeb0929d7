/**
 * Lists of the report: the busiest sources, the ports, the log prefixes, side by side.
 */

import { safeText } from '@picket/schemas'
import { beside, clip } from '../terminal/layout.ts'
import { thousands } from '../terminal/words.ts'
import type { ReportDocument } from './document.ts'
import type { Page } from './page.ts'

const GAP = 3

interface Ranked {
  readonly name: string
  readonly packets: number
  readonly mark?: string
}

export function renderLists(document: ReportDocument, page: Page): string[] {
  const { sources, ports, prefixes } = document.top
  const width = Math.floor((page.columns - 2 * GAP) / 3)
  const marked = sources.map(({ source, packets, level }) => ({
    name: source,
    packets,
    mark: level > 0 ? ` L${level}` : '   ',
  }))
  const blocks = [
    list('Busiest sources', marked, width, page.top),
    list(
      'Scanned ports',
      ports.map(({ port, packets }) => ({ name: port, packets })),
      width,
      page.top,
    ),
    list('Log prefixes', prefixes.map(named), width, page.top),
  ].filter((block) => block.length > 1)
  const [heads, ...rows] = beside(blocks, width, GAP)
  return heads === undefined ? [] : [page.palette.bold(heads), ...rows]
}

function named({ prefix, packets }: { readonly prefix: string; readonly packets: number }): Ranked {
  const name = prefix.trim()
  return { name: name === '' ? '(none)' : name, packets }
}

function list(title: string, ranked: readonly Ranked[], width: number, top: number): string[] {
  return [title, ...ranked.slice(0, top).map((entry) => line(entry, width))]
}

function line({ name, packets, mark = '' }: Ranked, width: number): string {
  const right = `${thousands(packets)}${mark}`
  const room = width - right.length - 3
  return `  ${clip(safeText(name), room).padEnd(room)} ${right}`
}
