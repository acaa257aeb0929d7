/** The order of reports: the worst first, and a total order, so that two runs print the same. */
import type { Incident } from '@picket/schemas'

export function worstFirst(a: Incident, b: Incident): number {
  return b.level - a.level || b.score - a.score || a.firstSeen - b.firstSeen || compareText(a, b)
}

function compareText(a: Incident, b: Incident): number {
  const left = `${a.prefix} ${a.id}`
  const right = `${b.prefix} ${b.id}`
  if (left === right) return 0
  return left < right ? -1 : 1
}
