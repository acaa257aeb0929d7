/**
 * PROTO='s value: a name where the kernel or ulogd has one, else a number.
 *
 * The kernel names seven (nf_log_syslog.c), ulogd one more (printpkt.c), and forwarders translate
 * some of the rest; every other word is refused, since a guessed protocol is a wrong packet.
 */
const NAMES: readonly (readonly [string, number])[] = [
  ['TCP', 6],
  ['UDP', 17],
  ['ICMP', 1],
  ['ICMPv6', 58],
  ['UDPLITE', 136],
  ['ESP', 50],
  ['AH', 51],
  ['SCTP', 132],
  ['GRE', 47],
  ['IGMP', 2],
  ['ICMPV6', 58],
]

/** The IANA number, or -1. */
export function protocolNumberOf(bytes: Uint8Array, start: number, end: number): number {
  if (end - start === 3) {
    const three =
      ((bytes[start] as number) << 16) | ((bytes[start + 1] as number) << 8) | (bytes[start + 2] as number)
    if (three === 0x544350 /* TCP */) return 6
    if (three === 0x554450 /* UDP */) return 17
  }
  const number = decimal(bytes, start, end)
  return number >= 0 ? number : byName(bytes, start, end)
}

function decimal(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 3) return -1
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value > 255 ? -1 : value
}

function byName(bytes: Uint8Array, start: number, end: number): number {
  for (const [name, number] of NAMES) {
    if (name.length === end - start && spells(bytes, start, name)) return number
  }
  return -1
}

function spells(bytes: Uint8Array, start: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    if (bytes[start + i] !== word.charCodeAt(i)) return false
  }
  return true
}
