/**
 * Totals of the report: protocols, what the packets were, and the lines that gave none.
 */

import { safeText } from '@picket/schemas'
import { wrap } from '../terminal/layout.ts'
import { plural, spoken, thousands } from '../terminal/words.ts'
import type { ReportDocument } from './document.ts'
import type { Page } from './page.ts'

const LABEL = 12

export function renderTotals(document: ReportDocument, page: Page): string[] {
  const rows: [string, readonly string[]][] = [
    ['Protocols', protocols(document)],
    ['Observed', counted(document.observed)],
    ['Reporters', reporters(document)],
    ['Passed over', passedOver(document)],
    ['Unreadable', unreadable(document)],
    ['Policy', [safeText(document.policy)]],
  ]
  return rows.flatMap(([label, words]) =>
    wrap(words, page.columns - LABEL, ' · ').map((line, at) => {
      const head = (at === 0 ? label : '').padEnd(LABEL)
      return `${page.palette.bold(head)}${line}`
    }),
  )
}

function counted(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${spoken(safeText(name))} ${thousands(count)}`)
}

const PROTOCOLS_SHOWN = 8

/** A protocol scan meets all of them: the commonest are named, the rest counted. */
function protocols(document: ReportDocument): string[] {
  const named = counted(document.protocols).map((text) => (/^\d/.test(text) ? `protocol ${text}` : text))
  const more = named.length - PROTOCOLS_SHOWN
  return more > 1 ? [...named.slice(0, PROTOCOLS_SHOWN), `${more} others`] : named
}

const REPORTERS_SHOWN = 8

function reporters({ reporters }: ReportDocument): string[] {
  const shown = reporters.slice(0, REPORTERS_SHOWN).map(({ reporter, packets }) => {
    return `${reporter === '' ? '(unnamed)' : safeText(reporter)} ${thousands(packets)}`
  })
  const more = reporters.length - shown.length
  return more > 0 ? [...shown, `${thousands(more)} more`] : shown
}

function passedOver(document: ReportDocument): string[] {
  const notFirewall = document.unparsedReasons['not-firewall'] ?? 0
  const words: string[] = []
  if (document.ignored > 0) words.push(`${plural(document.ignored, 'packet')} by your rules`)
  if (document.repeats > 0)
    words.push(`${plural(document.repeats, 'line')} that told of the same packet again`)
  if (document.leftOut > 0) words.push(`${plural(document.leftOut, 'packet')} outside the filter`)
  if (notFirewall > 0) words.push(`${plural(notFirewall, 'line')} not from a firewall`)
  return words
}

function unreadable({ unparsedReasons, files }: ReportDocument): string[] {
  const reasons = Object.entries(unparsedReasons)
    .filter(([reason, count]) => reason !== 'not-firewall' && count > 0)
    .map(([reason, count]) => `${plural(count, 'line')}: ${safeText(reason)}`)
  const faults = files.flatMap(({ name, fault }) =>
    fault === undefined ? [] : [safeText(`${name}: ${fault}`)],
  )
  return [...reasons, ...faults]
}
