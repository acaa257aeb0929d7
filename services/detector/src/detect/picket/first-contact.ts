/**
 * The only contact of a source, which lies in its short row.
 *
 * Its minutes stand for the packets seen, so that the pace can be told when a second contact comes.
 */
import { type Address, setV4 } from '@picket/schemas'
import { isV4Scan } from '../scan.ts'
import { hashContact, probedMinutes } from './contact.ts'
import { FewContacts } from './few-contacts.ts'
import { openFew } from './few-row.ts'
import { hashHost } from './host-set.ts'
import type { PicketScan } from './picket-scan.ts'
import type { PortClasses } from './port-classes.ts'
import type { Reach } from './reach.ts'
import { NO_WORDS, type Row, RowStore } from './row-store.ts'
import { AT, FIRST, FLAG, SHORT_ROW } from './scan-row.ts'

export interface FirstContact {
  readonly host: Address
  readonly shape: number
  readonly marks: number
  readonly minute: number
}

/** null when there is none. */
export function firstOf(scan: PicketScan): FirstContact | null {
  const { words, base } = scan
  const marks = words[base + FIRST.marks] as number
  if (scan.hasFew || marks === 0) return null
  const host = new Int32Array(4)
  setV4(host, words[base + FIRST.host] as number)
  return {
    host,
    shape: words[base + FIRST.shape] as number,
    marks,
    minute: words[base + FIRST.minute] as number,
  }
}

export function restoreFirst(first: FirstContact | null, few: FewContacts): void {
  if (first === null) return
  const { host, shape, marks, minute } = first
  few.restore(host, shape, marks, minute)
  const hash = hashContact(hashHost(host), shape, marks)
  for (const probed of probedMinutes(marks, minute)) few.seePace(probed, hash)
}

/** The contacts, also when there is only the first. */
export function reachOf(scan: PicketScan, classes: PortClasses): Reach {
  if (scan.hasFew) return new FewContacts(scan, scan.store, classes)
  return scan.many ?? firstAlone(scan, classes)
}

/** In a row of its own. Cold: one contact is judged only if the policy makes a scan of one. */
function firstAlone(scan: PicketScan, classes: PortClasses): FewContacts {
  const store = new RowStore()
  const row: Row = { words: NO_WORDS, base: 0 }
  store.allocate(row, SHORT_ROW)
  if (!isV4Scan(scan)) row.words[row.base + AT.flags] = FLAG.wide
  openFew(row, store)
  const few = new FewContacts(row, store, classes)
  restoreFirst(firstOf(scan), few)
  return few
}
