/**
 * The text of an IPv4 destination. Those are our own few machines, named in incident after incident, so the
 * last ones are remembered and shared: a report of ten thousand scanners holds each of them once.
 */
import { mix, printAddress, V4_MARK } from '@picket/schemas'

/** Power of two. A slot forgets on collision: a memo, nothing more. */
const SLOTS = 1024

const words = new Int32Array(SLOTS)
const texts = new Array<string>(SLOTS).fill('0.0.0.0')

function hostText(word: number): string {
  const slot = mix(word) & (SLOTS - 1)
  if (words[slot] !== word) {
    words[slot] = word
    texts[slot] = printAddress(Int32Array.of(0, 0, V4_MARK, word))
  }
  return texts[slot] as string
}

/** IPv4 hosts as text, ascending; sorts the words in place. */
export function printHosts(hosts: Uint32Array): string[] {
  const list: string[] = []
  for (const word of hosts.sort()) list.push(hostText(word | 0))
  return list
}
