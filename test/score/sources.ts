/**
 * The sources of a truth.json: single addresses, ranges such as `198.51.100.11-50`, or words.
 *
 * Addresses are compared by the platform's own readers (URL and BlockList), not by Picket's, so a
 * fault in Picket's addresses cannot make the score better than it is.
 */
import { BlockList, isIP } from 'node:net'

/** Canonical text of an address, or undefined when the text is none. */
export function canonical(text: string): string | undefined {
  if (isIP(text) === 4) return text
  if (isIP(text) !== 6) return undefined
  return new URL(`http://[${text}]`).hostname.slice(1, -1)
}

/** The addresses that one entry stands for; none for words such as "about 115 sources". */
export function expandSource(entry: string): string[] {
  const single = canonical(entry)
  if (single !== undefined) return [single]
  const range = /^(\d+\.\d+\.\d+)\.(\d+)-(\d+)$/.exec(entry)
  if (range === null) return []
  const [, net, first, last] = range
  const addresses: string[] = []
  for (let i = Number(first); i <= Number(last) && i <= 255; i++) addresses.push(`${net}.${i}`)
  return addresses
}

interface Telling {
  readonly source: string | null
  readonly prefix: string
  /** Of an incident of many: addresses, or prefixes of IPv6. */
  readonly members?: readonly string[]
}

/** Whether an incident tells of this address: as its source or (IPv6) by its prefix, or as one of its members. */
export function tellsOf({ source, prefix, members = [] }: Telling, address: string): boolean {
  if (members.length > 0) return members.some((member) => holds(member, address))
  return (source !== null && canonical(source) === address) || holds(prefix, address)
}

function holds(network: string, address: string): boolean {
  if (canonical(network) === address) return true
  const [net = '', bits] = network.split('/')
  if (bits === undefined) return false
  const family = isIP(net) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(net) === 0 || isIP(net) !== isIP(address)) return false
  const prefix = new BlockList()
  prefix.addSubnet(net, Number(bits), family)
  return prefix.check(address, family)
}
