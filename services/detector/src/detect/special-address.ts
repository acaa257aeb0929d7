/**
 * Addresses that are not just anybody on the Internet (RFC 6890 and its registries).
 *
 * Documentation networks count as anybody: real logs are anonymised with them.
 */
import { type Address, isV4 } from '@picket/schemas'

/** Inside: private networks, shared address space, unique local, link-local and loopback. */
export function isPrivate(address: Address): boolean {
  const top = (address[0] as number) >>> 0
  if (isV4(address)) return isPrivateV4((address[3] as number) >>> 0)
  return top >>> 25 === 0x7e || top >>> 22 === 0x3fa || isLoopback6(address)
}

/** 10/8, 172.16/12, 192.168/16 (RFC 1918), 100.64/10 (RFC 6598), 169.254/16 (RFC 3927), 127/8. */
function isPrivateV4(word: number): boolean {
  const octet = word >>> 24
  if (octet === 10 || octet === 127) return true
  if (word >>> 20 === 0xac1 || word >>> 16 === 0xc0a8) return true
  return word >>> 22 === 0x191 || word >>> 16 === 0xa9fe
}

function isLoopback6(address: Address): boolean {
  return address[0] === 0 && address[1] === 0 && address[2] === 0 && address[3] === 1
}

/** Nobody whom a ban could be meant for: inside, multicast, broadcast, reserved or "this network". */
export function isSpecial(address: Address): boolean {
  if (isPrivate(address)) return true
  if (isV4(address)) {
    const octet = (address[3] as number) >>> 24
    return octet === 0 || octet >= 224
  }
  return (address[0] as number) >>> 24 === 0xff || (address[0] === 0 && address[1] === 0)
}
