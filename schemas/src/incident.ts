/**
 * Incident: one source's one story, and the alert that tells of it.
 *
 * An incident is kept current: the same id, a rising revision. An alert is one revision that said
 * something new. Fields that later issues fill (tool, os, signatures, members, target) stay empty.
 */
export type DangerLevel = 0 | 1 | 2 | 3 | 4 | 5

export const KINDS = [
  'vertical_scan',
  'horizontal_sweep',
  'block_scan',
  'slow_scan',
  'distributed_scan',
  'decoy_scan',
  'protocol_scan',
  'icmp_sweep',
  'stealth_scan',
  'os_fingerprint',
  'brute_connect',
  'flood',
  'backscatter',
  'outbound_scan',
  'spoof_suspect',
  'suspicious_packets',
] as const

export type Kind = (typeof KINDS)[number]

export interface Incident {
  /** 16 hex digits: hash of the source prefix and its opening packet. */
  readonly id: string
  /** Canonical address; null for an incident of many sources. */
  readonly source: string | null
  readonly members: readonly string[]
  readonly target: string | null
  /** Source prefix, e.g. 203.0.113.9/32 or 2001:db8:1:2::/64. */
  readonly prefix: string
  readonly kinds: readonly Kind[]
  /** The highest level of this story so far. */
  readonly level: DangerLevel
  /** 0 to 100. */
  readonly score: number
  /** ms since 1970 UTC. */
  readonly firstSeen: number
  readonly lastSeen: number
  readonly packets: number
  readonly contacts: number
  readonly hosts: readonly string[]
  /** May exceed `hosts.length`: the list is bounded, the count is not. */
  readonly hostCount: number
  readonly reporters: readonly string[]
  /** Port ranges by protocol name, e.g. { tcp: "22,80,1000-1500" }. */
  readonly ports: Readonly<Record<string, string>>
  readonly portCount: number
  /** IP protocol numbers, ascending. */
  readonly protocols: readonly number[]
  readonly techniques: readonly string[]
  /** MITRE ATT&CK technique ids. */
  readonly attack: readonly string[]
  readonly tool: string | null
  readonly os: string | null
  readonly signatures: readonly { readonly id: string; readonly name: string; readonly count: number }[]
  /** The evidence is not of a kind that a forger could have sent in another's name. */
  readonly bannable: boolean
  readonly reasons: readonly string[]
}

/** A packet that led to an alert. Numbers are -1 where the line did not say. */
export interface Evidence {
  /** ms since 1970 UTC. */
  readonly time: number
  readonly reporter: string
  /** The log prefix, as written. */
  readonly prefix: string
  /** Canonical addresses. */
  readonly src: string
  readonly dst: string
  readonly proto: number
  readonly spt: number
  readonly dpt: number
  readonly flags: number
  readonly icmpType: number
  readonly icmpCode: number
  readonly len: number
  readonly ttl: number
}

export const ALERT_PARTS = ['opened', 'level', 'kinds'] as const

export interface Alert {
  /** 16 hex digits: hash of the alert without the id; the same input gives the same id on any machine. */
  readonly id: string
  /** Counts the alerts of one incident, from 1. */
  readonly revision: number
  /** What is new since the last revision. */
  readonly rose: readonly (typeof ALERT_PARTS)[number][]
  /** Event time (ms) of the packet that caused it. */
  readonly time: number
  readonly incident: Incident
  /** Packets that led to it; not part of the id. */
  readonly evidence?: readonly Evidence[]
}
