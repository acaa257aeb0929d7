/**
 * Observation: what one packet was taken for. The closed list that the counters and `explain` speak of.
 *
 * Only `probe` and `suspect` are folded into a scan. Everything else says something about the network
 * or about our own traffic, and is counted and forgotten, whoever sent it.
 */
export const OBSERVATIONS = [
  /** Can be part of a scan. */
  'probe',
  /** Looks like the tail of a session that conntrack has forgotten: evidence only when corroborated. */
  'suspect',
  /** Named in the allowlist or in an ignore rule. */
  'ignored',
  /** The firewall let it pass. */
  'accepted',
  /** Logged before the verdict fell (UFW AUDIT): the refusal has a line of its own. */
  'audited',
  /** Folded already, by a line that another policy would have passed over. */
  'repeat',
  /** Broadcast, multicast and local discovery. */
  'noise',
  'neighbour-discovery',
  'icmp-error',
  /** An answer to packets forged in our name: SYN+ACK or RST out of nowhere. */
  'backscatter',
  /** A server's answer that came after we had stopped waiting. */
  'reply',
  /** A packet with payload of a session that is already closed. */
  'stray',
  'traceroute',
  /** A packet of our own to a port that everybody uses. */
  'browsing',
] as const

export type Observation = (typeof OBSERVATIONS)[number]

/** Whether such a packet is folded into the scan of its source. */
export function isFolded(observation: Observation): boolean {
  return observation === 'probe' || observation === 'suspect'
}
