/**
 * Whether a row that came out of a store can be worked with: nothing in it leads out of it or round in circles.
 *
 * The checksum finds accidents; this keeps even a forged row from harming other sources' rows.
 */
import { isV4Scan } from '../scan.ts'
import { CONTACT_WORDS, MARKS, slotsEnd, slotsOf } from './contact-table.ts'
import { MAX_FEW } from './few-contacts.ts'
import { bytesOfIndex, hostInIndex, wordsOfHosts } from './few-hosts.ts'
import type { PicketScan } from './picket-scan.ts'
import { lengthOf, type Row } from './row-store.ts'
import { FEW, FIRST, FLAG, HOSTS_AT, SHORT_ROW } from './scan-row.ts'

const LARGEST_SHAPE = 0xff_ffff
const HOSTS_OF_INDEX = 8

export function isRowSound(scan: PicketScan): boolean {
  if (!isPlainSound(scan)) return false
  if (scan.hasFew) return scan.many === null && isFewSound(scan)
  return scan.many === null || scan.many.hostSet.addressWords === (isV4Scan(scan) ? 1 : 4)
}

function isPlainSound(scan: PicketScan): boolean {
  const { words, base } = scan
  const levels = [scan.level, scan.assigned, scan.toldLevel]
  if (levels.some((level) => level < 0 || level > 5) || scan.revision < 0) return false
  if (scan.has(FLAG.wide) === isV4Scan(scan) || !(scan.packets >= 0)) return false
  return scan.hasFew || (words[base + FIRST.shape] as number) >>> 0 <= LARGEST_SHAPE
}

function isFewSound(row: Row): boolean {
  const { words, base } = row
  const hosts = words[base + FEW.hosts] as number
  const hostRoom = words[base + FEW.hostRoom] as number
  if (hosts < 0 || hosts > hostRoom || hostRoom < 1 || hostRoom > MAX_FEW) return false
  if (hostRoom > HOSTS_OF_INDEX && hostRoom % 12 !== 0) return false
  const slotsAt = HOSTS_AT + wordsOfHosts(row, hostRoom)
  const slots = Math.floor((lengthOf(row) - slotsAt) / CONTACT_WORDS)
  if (lengthOf(row) < SHORT_ROW || slots < 1) return false
  if (words[base + FEW.slotsAt] !== slotsAt || words[base + FEW.slots] !== slots) return false
  return areContactsSound(row, hosts, slots) && isIndexSound(row, hosts)
}

/** As many as are counted, of hosts that are there, and room for the walk to end. */
function areContactsSound(row: Row, hosts: number, slots: number): boolean {
  const { words, base } = row
  let contacts = 0
  for (let at = slotsOf(row); at < slotsEnd(row); at += CONTACT_WORDS) {
    if (words[at + MARKS] === 0) continue
    if ((words[at] as number) >>> 24 >= hosts) return false
    contacts++
  }
  return contacts === words[base + FEW.contacts] && contacts * 16 <= slots * 13
}

function isIndexSound(row: Row, hosts: number): boolean {
  if (hosts <= HOSTS_OF_INDEX) return true
  const bytes = bytesOfIndex(row)
  let found = 0
  for (let i = 0; i < bytes; i++) {
    const host = hostInIndex(row, i)
    if (host >= hosts) return false
    if (host >= 0) found++
  }
  return found === hosts
}
