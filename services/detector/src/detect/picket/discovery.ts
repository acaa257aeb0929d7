/**
 * Host discovery: what `nmap -sn` sends beside its echo request, an ACK and an ICMP timestamp request to one host.
 *
 * No honest client asks a host for its time, netmask or information (RFC 792, 950) and sends it a stray ACK. The
 * pair corroborates the ACK, whichever came first; where echo and SYN are allowed it is all that is logged.
 */
import { PROTOCOL } from '@picket/schemas'
import { TECHNIQUE } from '../technique.ts'
import { FewContacts } from './few-contacts.ts'
import type { PicketScan } from './picket-scan.ts'
import type { PortClasses } from './port-classes.ts'
import { FIRST } from './scan-row.ts'

const QUESTIONS = [13, 15, 17].map((type) => (PROTOCOL.ICMP << 16) | type)
const ASKED = (1 << TECHNIQUE.timestamp) | (1 << TECHNIQUE.information) | (1 << TECHNIQUE.mask)

export function isOddQuestion(technique: number): boolean {
  return ((1 << technique) & ASKED) !== 0
}

/** Whether the source has asked this host such a question. */
export function hasAsked(scan: PicketScan, host: Int32Array, classes: PortClasses): boolean {
  if ((scan.techniques & ASKED) === 0 || scan.many !== null) return false
  if (scan.hasFew) {
    const few = new FewContacts(scan, scan.store, classes)
    return QUESTIONS.some((shape) => few.isKnown(host, shape, 0))
  }
  const { words, base } = scan
  return words[base + FIRST.host] === host[3] && QUESTIONS.includes(words[base + FIRST.shape] as number)
}
