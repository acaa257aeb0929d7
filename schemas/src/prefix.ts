/**
 * Prefixes (networks): an address and how many of its leading bits count.
 *
 * `bits` counts on the 128-bit form, so 10.0.0.0/8 holds 104; only the text knows IPv4 lengths. The address is
 * always masked. An IPv6 prefix shorter than ::ffff:0:0/96 (such as ::/0) contains no IPv4 address.
 */
import { type Address, isV4, maskAddress } from './address.ts'
import { parseAddress, printAddress } from './address-text.ts'

export interface Prefix {
  readonly address: Address
  /** 0 to 128 on the 128-bit form; 96 + n for an IPv4 prefix of length n. */
  readonly bits: number
}

/** How far an IPv4 address lies behind the start of its 128-bit form. */
export const V4_BITS = 96

/** Reads `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `2001:db8::/32` or one address; bits behind the mask are dropped. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  if (slash < 0) return { address, bits: 128 }
  const bits = parseLength(text.slice(slash + 1), text.includes(':'))
  return bits === undefined ? undefined : { address: maskAddress(address, bits), bits }
}

/** One address stands without a length. */
export function printPrefix(prefix: Prefix): string {
  const text = printAddress(prefix.address)
  if (prefix.bits === 128) return text
  return `${text}/${isV4Prefix(prefix) ? prefix.bits - V4_BITS : prefix.bits}`
}

export function isV4Prefix(prefix: Prefix): boolean {
  return prefix.bits >= V4_BITS && isV4(prefix.address)
}

export function prefixContains(prefix: Prefix, address: Address): boolean {
  if (isV4(address) !== isV4Prefix(prefix)) return false
  return sharesBits(prefix.address, address, prefix.bits)
}

function sharesBits(a: Address, b: Address, bits: number): boolean {
  for (let i = 0; i < 4; i++) {
    const keep = Math.min(bits - i * 32, 32)
    if (keep <= 0) return true
    if ((((a[i] as number) ^ (b[i] as number)) & (-1 << (32 - keep))) !== 0) return false
  }
  return true
}

function parseLength(text: string, isV6Text: boolean): number | undefined {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text)) return isV6Text ? undefined : parseMask(text)
  const bits = Number(text) + (isV6Text ? 0 : V4_BITS)
  return bits <= 128 ? bits : undefined
}

/** A dotted mask whose ones all stand before its zeros. */
function parseMask(text: string): number | undefined {
  const mask = text.includes(':') ? undefined : parseAddress(text)
  if (mask === undefined) return undefined
  const zeros = ~(mask[3] as number)
  return (zeros & (zeros + 1)) === 0 ? V4_BITS + Math.clz32(zeros) : undefined
}
