/**
 * PicketPolicy: every number that the default policy uses. Evidence is in hundredths of nats, integers, so that
 * sums are exact in any order.
 *
 * The evidence of a contact is ln(99) / n: n contacts of this sort make a scanner 99 times likelier than an
 * honest client (sequential test of TRW, Jung et al. 2004, with P_D = 0.99 and P_F = 0.01).
 */
import { TOGETHER_POLICY, type TogetherPolicy } from '../together/policy.ts'

export type Ladder = readonly [number, number, number, number, number]

export interface PicketPolicy {
  readonly evidence: {
    /** A source is scanning from here on: ln 99 = 4.595, less the rounding of the parts. */
    readonly threshold: number
    /** n = 3. */
    readonly ordinary: number
    /** n = 4: ports that misconfigured neighbours touch. */
    readonly common: number
    /** n = 8: ports that honest clients try. */
    readonly everyday: number
    /** n = 5: an ICMP echo request. */
    readonly echo: number
    /** n = 5: a protocol without ports, so that five of them make a protocol scan, as for psad. */
    readonly protocol: number
    /** 1.5 times an ordinary contact, whatever the port: no honest stack sends it. */
    readonly stealth: number
  }
  /** scan-NG's medium ports. */
  readonly commonPorts: readonly number[]
  /** scan-NG's high-background ports, and those of IKE: a VPN peer tries several protocols at once. */
  readonly everydayPorts: readonly number[]
  /** Below this no evidence suffices. */
  readonly minContacts: number
  /** A contact not repeated for so long is forgotten, while the source has no level. */
  readonly memoryDays: number
  /**
   * So many ports of one host, or hosts asked by ICMP, within so many minutes are a scan whatever the ports.
   * At most 15 minutes. The slower fixed rules of the literature (8 ports an hour, 10 hosts a day, 5 protocols)
   * follow from the evidence and need no number.
   */
  readonly burst: { readonly minutes: number; readonly ports: number; readonly icmpHosts: number }
  readonly outbound: {
    /** Our own hosts need so many times the evidence (NCSA's bro-simple-scan uses 10). */
    readonly factor: number
    /** And so many contacts. */
    readonly minContacts: number
    /** Our own hosts may ask these ports of anybody. */
    readonly browsingPorts: readonly number[]
  }
  /** When packets that may be the tail of a session prove to be an ACK or Maimon scan. */
  readonly suspects: {
    /** So many ports of one host from one source port (nmap keeps it). */
    readonly portsOfSourcePort: number
    /** So many ports of one host in step with the source port (hping3 raises both by one). */
    readonly portsInStep: number
    /** So many privileged ports of one host, from whatever ports. */
    readonly privilegedPorts: number
    /** So many hosts on one port from one source port (nmap -sn). */
    readonly hosts: number
  }
  readonly kinds: {
    readonly verticalPorts: number
    readonly sweepHosts: number
    /** So many hosts on one port are a sweep whatever the port. */
    readonly sureSweepHosts: number
    readonly blockHosts: number
    readonly blockPorts: number
    readonly blockContacts: number
    readonly slowHours: number
    readonly stealthContacts: number
    readonly protocols: number
    readonly icmpHosts: number
  }
  /** Contacts, and hosts, at which levels 1 to 5 begin; the higher level holds. */
  readonly levels: { readonly contacts: Ladder; readonly hosts: Ladder }
  /** A quiet source falls by a level in each such time; at 0 its incident has ended. */
  readonly fadeHours: number
  /** Fewer distinct SYN contacts than this could be forged in another's name. */
  readonly banContacts: number
  /** UDP ports of traceroute (its manual: 33434 and up, one a probe). */
  readonly tracerouteFrom: number
  readonly tracerouteTo: number
  /** UDP service ports above 1023 whose answers may come late, or answer a multicast question: VPN, STUN, SIP, mDNS, SSDP, LLMNR, WS-Discovery, RADIUS, games. */
  readonly replyPorts: readonly number[]
  /** Ports whose probing is worse than that of others, for the score. */
  readonly sensitivePorts: readonly number[]
  /** What many sources do together. */
  readonly together: TogetherPolicy
}

export const PICKET_POLICY: PicketPolicy = {
  evidence: {
    threshold: 450,
    ordinary: 153,
    common: 115,
    everyday: 57,
    echo: 92,
    protocol: 92,
    stealth: 230,
  },
  commonPorts: [135, 137, 139, 445, 389, 88],
  everydayPorts: [25, 53, 80, 113, 443, 500, 4500, 8080],
  minContacts: 3,
  memoryDays: 7,
  burst: { minutes: 5, ports: 5, icmpHosts: 3 },
  outbound: { factor: 4, minContacts: 12, browsingPorts: [53, 80, 123, 443, 8080] },
  suspects: { portsOfSourcePort: 5, portsInStep: 8, privilegedPorts: 8, hosts: 3 },
  kinds: {
    verticalPorts: 5,
    sweepHosts: 3,
    sureSweepHosts: 10,
    blockHosts: 3,
    blockPorts: 3,
    blockContacts: 15,
    slowHours: 6,
    stealthContacts: 3,
    protocols: 5,
    icmpHosts: 3,
  },
  levels: { contacts: [3, 10, 100, 750, 5_000], hosts: [3, 8, 20, 50, 200] },
  fadeHours: 24,
  banContacts: 20,
  tracerouteFrom: 33_434,
  tracerouteTo: 33_534,
  replyPorts: [1194, 1812, 1900, 3478, 3702, 4500, 5060, 5349, 5353, 5355, 19_302, 27_015, 41_641, 51_820],
  sensitivePorts: [22, 23, 445, 1433, 2323, 3306, 3389, 5432, 5900, 6379],
  together: TOGETHER_POLICY,
}

/** The level that so many of something reach on a ladder. */
export function rungOf(ladder: Ladder, count: number): number {
  let level = 0
  while (level < 5 && count >= (ladder[level] as number)) level++
  return level
}
