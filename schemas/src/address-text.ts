/**
 * Addresses as text: strict reading, and one spelling when written (RFC 5952).
 *
 * Strict means that what inet_aton would guess is refused: no leading zeros, no short IPv4, no zone (%eth0).
 * A mapped address (::ffff:a.b.c.d) reads and prints as its IPv4 address, see address.ts.
 */
import { type Address, isV4, setV4 } from './address.ts'

/** The address, or undefined when the text is anything else (spaces included). */
export function parseAddress(text: string): Address | undefined {
  const groups = text.includes(':') ? parseV6(text) : undefined
  if (groups !== undefined) {
    return Int32Array.from([0, 2, 4, 6], (i) => ((groups[i] as number) << 16) | (groups[i + 1] as number))
  }
  const word = parseV4(text)
  if (word === undefined) return undefined
  const address = new Int32Array(4)
  setV4(address, word)
  return address
}

export function printAddress(address: Address): string {
  return isV4(address) ? printV4(address[3] as number) : printV6(address)
}

const OCTET = /^(?:0|[1-9]\d{0,2})$/
const GROUP = /^[0-9a-f]{1,4}$/i

function parseV4(text: string): number | undefined {
  const octets = text.split('.')
  if (octets.length !== 4) return undefined
  let word = 0
  for (const octet of octets) {
    if (!OCTET.test(octet) || Number(octet) > 255) return undefined
    word = (word << 8) | Number(octet)
  }
  return word
}

/** Eight 16-bit groups. */
function parseV6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const compressed = halves.length === 2
  const head = parseGroups(halves[0] as string, !compressed)
  const tail = parseGroups(halves[1] ?? '', true)
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (compressed ? missing < 1 : missing !== 0) return undefined
  return [...head, ...new Array<number>(missing).fill(0), ...tail]
}

function parseGroups(text: string, mayEndInV4: boolean): number[] | undefined {
  const groups: number[] = []
  if (text === '') return groups
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16))
      continue
    }
    const word = mayEndInV4 && i === parts.length - 1 ? parseV4(part) : undefined
    if (word === undefined) return undefined
    groups.push(word >>> 16, word & 0xffff)
  }
  return groups
}

function printV4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
}

function printV6(address: Address): string {
  const groups: string[] = []
  for (const word of address) groups.push((word >>> 16).toString(16), (word & 0xffff).toString(16))
  const run = longestZeroRun(groups)
  if (run.length < 2) return groups.join(':')
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`
}

/** The first of the longest runs of zero groups: the one that RFC 5952 4.2 shortens. */
function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  for (const [i, group] of groups.entries()) {
    length = group === '0' ? length + 1 : 0
    if (length > best.length) best = { start: i + 1 - length, length }
  }
  return best
}
