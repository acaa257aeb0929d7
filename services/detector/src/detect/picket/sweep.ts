/**
 * Sweep: one port asked of many hosts.
 *
 * Asked only when a port turns out to be shared, so its contacts are counted by walking all of them.
 */
import { hasPort } from './contact.ts'
import { CONTACT_WORDS, MARKS, SHAPE, slotsEnd, slotsOf } from './contact-table.ts'
import type { PortClasses } from './port-classes.ts'
import type { Row } from './row-store.ts'

export function isSweptBy(row: Row, shape: number, classes: PortClasses): boolean {
  const { kinds, evidence } = classes.policy
  const { words } = row
  const end = slotsEnd(row)
  let hosts = 0
  let total = 0
  for (let at = slotsOf(row); at < end; at += CONTACT_WORDS) {
    const marks = words[at + MARKS] as number
    if (marks === 0 || ((words[at] as number) & SHAPE) !== shape || !hasPort(shape, marks)) continue
    hosts++
    total += classes.priceOf(shape, marks)
  }
  return hosts >= kinds.sureSweepHosts || (hosts >= kinds.sweepHosts && total >= evidence.threshold)
}
