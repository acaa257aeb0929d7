/**
 * Address scope: whether an address belongs to the public internet (RFC 6890 and its registry).
 *
 * Two askers: nobody is looked up who is not public, and no webhook is sent to what is not. Documentation networks are looked up,
 * since examples and tests live there, but are nowhere to send to.
 */
import { type Address, isV4, type Prefix, parseAddress, parsePrefix, prefixContains } from '@picket/schemas'

export type AddressScope = 'public' | 'documentation' | 'special'

const DOCUMENTATION = prefixes(
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '2001:db8::/32',
  '3fff::/20',
)
const SPECIAL_V4 = prefixes(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10', // shared by carriers, RFC 6598; also a cloud's metadata server
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local, RFC 3927; metadata servers of clouds
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3', // multicast, reserved, broadcast
)
/** What is handed out to the public, RFC 4291 2.4 … */
const GLOBAL_V6 = prefixes('2000::/3')
/** … less Teredo and other special uses, and 6to4, which hides an IPv4 address. */
const SPECIAL_V6 = prefixes('2001::/23', '2002::/16')

export function addressScope(text: string): AddressScope {
  const address = parseAddress(text)
  if (address === undefined) return 'special'
  if (isIn(DOCUMENTATION, address)) return 'documentation'
  const isPublic = isV4(address)
    ? !isIn(SPECIAL_V4, address)
    : isIn(GLOBAL_V6, address) && !isIn(SPECIAL_V6, address)
  return isPublic ? 'public' : 'special'
}

/** May something be sent there: public, or in one of the networks that the admin allows. */
export function mayReach(text: string, allowed: readonly string[]): boolean {
  if (addressScope(text) === 'public') return true
  const address = parseAddress(text)
  return address !== undefined && isIn(prefixes(...allowed), address)
}

function isIn(networks: readonly Prefix[], address: Address): boolean {
  return networks.some((network) => prefixContains(network, address))
}

function prefixes(...texts: readonly string[]): Prefix[] {
  return texts.flatMap((text) => parsePrefix(text) ?? [])
}
