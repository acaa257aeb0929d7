/**
 * IP protocols by name and number (IANA "Protocol Numbers").
 *
 * The first name of a number is the one we print; the others are spellings met in logs and in psad's
 * files. Numbers without a name here print as the number, and any number is read as itself.
 */
export const PROTOCOL = { ICMP: 1, IGMP: 2, TCP: 6, UDP: 17, ICMPV6: 58, UDPLITE: 136 } as const

const NAMES: readonly (readonly [number, ...string[]])[] = [
  [0, 'hopopt', 'ip'],
  [1, 'icmp'],
  [2, 'igmp'],
  [3, 'ggp'],
  [4, 'ipip', 'ipencap', 'ip-encap', 'ipv4'],
  [5, 'st'],
  [6, 'tcp'],
  [8, 'egp'],
  [9, 'igp'],
  [12, 'pup'],
  [17, 'udp'],
  [20, 'hmp'],
  [22, 'xns-idp'],
  [27, 'rdp'],
  [29, 'iso-tp4'],
  [33, 'dccp'],
  [36, 'xtp'],
  [37, 'ddp'],
  [38, 'idpr-cmtp'],
  [41, 'ipv6'],
  [43, 'ipv6-route'],
  [44, 'ipv6-frag'],
  [45, 'idrp'],
  [46, 'rsvp'],
  [47, 'gre'],
  [50, 'esp', 'ipsec-esp'],
  [51, 'ah', 'ipsec-ah'],
  [57, 'skip'],
  [58, 'icmpv6', 'ipv6-icmp', 'icmp6'],
  [59, 'ipv6-nonxt'],
  [60, 'ipv6-opts'],
  [73, 'rspf'],
  [81, 'vmtp'],
  [88, 'eigrp'],
  [89, 'ospf', 'ospfigp'],
  [93, 'ax.25'],
  [97, 'etherip'],
  [98, 'encap'],
  [103, 'pim'],
  [108, 'ipcomp'],
  [112, 'vrrp', 'carp'],
  [115, 'l2tp'],
  [124, 'isis'],
  [132, 'sctp'],
  [133, 'fc'],
  [135, 'mobility-header', 'mh'],
  [136, 'udplite', 'udp-lite'],
  [137, 'mpls-in-ip'],
  [138, 'manet'],
  [139, 'hip'],
  [140, 'shim6'],
]

const nameByNumber = new Map(NAMES.map(([number, name]) => [number, name as string]))
const numberByName = new Map(
  NAMES.flatMap(([number, ...names]) => names.map((name) => [name, number] as const)),
)

export function protocolName(number: number): string {
  return nameByNumber.get(number) ?? String(number)
}

/** Reads a name in any case, or a number from 0 to 255; -1 when it is neither. */
export function protocolNumber(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= 255 ? Number(text) : -1
  return numberByName.get(text.toLowerCase()) ?? -1
}
