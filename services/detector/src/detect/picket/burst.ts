/**
 * Burst: many ports of one host, or many hosts asked by ICMP, within a few minutes.
 *
 * Needed only for ports that honest clients try, whose evidence alone does not say enough. Minutes are remembered
 * per contact as a set, so a burst is found by whichever of its packets comes last.
 */
import { CONTACT, hasPort, isIcmp, isProbedWithin } from './contact.ts'
import { CONTACT_WORDS, MARKS, MINUTE, slotsEnd, slotsOf } from './contact-table.ts'
import type { PicketPolicy } from './policy.ts'
import type { Row } from './row-store.ts'
import { FEW } from './scan-row.ts'

/** Whether a window that holds `minute` has a burst; `key` is the contact that was probed then. */
export function isBurstAround(row: Row, key: number, minute: number, burst: PicketPolicy['burst']): boolean {
  if ((row.words[row.base + FEW.contacts] as number) < Math.min(burst.ports, burst.icmpHosts)) return false
  for (let end = minute; end < minute + burst.minutes; end++) {
    if (isBurstWithin(row, key, end - burst.minutes + 1, end, burst)) return true
  }
  return false
}

function isBurstWithin(
  row: Row,
  key: number,
  from: number,
  to: number,
  burst: PicketPolicy['burst'],
): boolean {
  const asked = new Set<number>()
  let ports = 0
  const { words } = row
  for (let at = slotsOf(row); at < slotsEnd(row); at += CONTACT_WORDS) {
    const marks = words[at + MARKS] as number
    if (!isComing(marks) || !isProbedWithin(marks, words[at + MINUTE] as number, from, to)) continue
    const other = words[at] as number
    if (isIcmp((other >>> 16) & 0xff)) asked.add(other >>> 24)
    else if (other >>> 24 === key >>> 24 && hasPort(other & 0xff_ffff, marks)) ports++
  }
  return ports >= burst.ports || asked.size >= burst.icmpHosts
}

/** Our own machines may ask many at once; an empty slot asks nobody. */
function isComing(marks: number): boolean {
  return (marks & CONTACT.inward) !== 0
}
