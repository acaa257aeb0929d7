/**
 * TCP and IP options: hex digits of a LOG line into the options they spell.
 *
 * Options are what the sender wrote, so lengths lie: the list ends at the first option that does not fit.
 */
export interface PacketOption {
  readonly kind: string
  readonly [field: string]: number | string | readonly string[]
}

type Reader = (payload: Uint8Array) => Record<string, number | string | readonly string[]>

/** IANA TCP option kinds. */
const TCP: Readonly<Record<number, readonly [string, Reader]>> = {
  2: ['mss', (bytes) => ({ value: number(bytes, 0, 2) })],
  3: ['wscale', (bytes) => ({ value: number(bytes, 0, 1) })],
  4: ['sack-permitted', () => ({})],
  5: ['sack', hexOf],
  8: ['timestamp', (bytes) => ({ value: number(bytes, 0, 4), echo: number(bytes, 4, 4) })],
  28: ['user-timeout', (bytes) => ({ value: number(bytes, 0, 2) })],
  19: ['md5', hexOf],
  29: ['ao', hexOf],
  30: ['mptcp', hexOf],
  34: ['fast-open', hexOf],
}

/** IP options by their whole type octet (RFC 791 3.1, RFC 2113, RFC 1393). */
const IP: Readonly<Record<number, readonly [string, Reader]>> = {
  7: ['record-route', route],
  68: ['timestamp', hexOf],
  82: ['traceroute', hexOf],
  130: ['security', hexOf],
  131: ['loose-source-route', route],
  134: ['cipso', hexOf],
  136: ['stream-id', (bytes) => ({ value: number(bytes, 0, 2) })],
  137: ['strict-source-route', route],
  148: ['router-alert', (bytes) => ({ value: number(bytes, 0, 2) })],
}

/** Options of a TCP header from the hex digits between `OPT (` and `)` behind URGP=. */
export function decodeTcpOptions(hex: string): PacketOption[] {
  return decode(hex, TCP)
}

/** Options of an IPv4 header from the hex digits between `OPT (` and `)` before PROTO=. */
export function decodeIpOptions(hex: string): PacketOption[] {
  return decode(hex, IP)
}

function decode(hex: string, known: Readonly<Record<number, readonly [string, Reader]>>): PacketOption[] {
  const bytes = octets(hex)
  const options: PacketOption[] = []
  let at = 0
  while (at < bytes.length) {
    const type = bytes[at] as number
    const length = lengthAt(bytes, at)
    options.push(
      length > 0 ? one(type, bytes.subarray(at + 2, at + length), known[type]) : broken(bytes.subarray(at)),
    )
    if (type === 0 || length === 0) break
    at += length
  }
  return options
}

/** The octets of the option at `at`; 0 where it does not fit. Kinds 0 and 1 have no length octet. */
function lengthAt(bytes: Uint8Array, at: number): number {
  if ((bytes[at] as number) <= 1) return 1
  const length = bytes[at + 1] ?? 0
  return length >= 2 && at + length <= bytes.length ? length : 0
}

function broken(rest: Uint8Array): PacketOption {
  return { kind: 'broken', ...hexOf(rest) }
}

function one(type: number, payload: Uint8Array, known: readonly [string, Reader] | undefined): PacketOption {
  if (type <= 1) return { kind: type === 0 ? 'end' : 'nop' }
  if (known === undefined) return { kind: 'unknown', type, ...hexOf(payload) }
  const [kind, read] = known
  return { kind, ...read(payload) }
}

function route(bytes: Uint8Array): { pointer: number; addresses: readonly string[] } {
  const addresses: string[] = []
  for (let at = 1; at + 4 <= bytes.length; at += 4) addresses.push(bytes.subarray(at, at + 4).join('.'))
  return { pointer: number(bytes, 0, 1), addresses }
}

function hexOf(bytes: Uint8Array): Record<string, string> {
  return bytes.length > 0 ? { hex: hexText(bytes) } : {}
}

function number(bytes: Uint8Array, start: number, length: number): number {
  let value = 0
  for (let at = start; at < start + length; at++) value = value * 256 + (bytes[at] ?? 0)
  return value
}

function octets(hex: string): Uint8Array {
  const pairs = hex.match(/[0-9A-Fa-f]{2}/g) ?? []
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16))
}

function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('')
}
