/** The order of reports: the worst first, and a total order, so that two runs print the same. */
import type { Incident } from '@picket/schemas'

export function worstFirst(a: Incident, b: Incident): number {
  return (
    b.level - a.level ||
    b.score - a.score ||
    a.firstSeen - b.firstSeen ||
    compareText(a.prefix, b.prefix) ||
    compareText(a.id, b.id)
  )
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
