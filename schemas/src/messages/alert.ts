/** Alert: generated from schemas/avro/alert.avsc by scripts/generate-types.mjs; do not edit. */

/** One revision of an incident that says something new. */
export interface AlertMessage {
  /** 16 hex digits: hash of the alert without its id. */
  readonly id: string
  /** Counts the alerts of one incident, from 1. */
  readonly revision: number
  /** opened, level, kinds. */
  readonly rose: readonly string[]
  /** Event time of the packet that caused it, ms since 1970 UTC. */
  readonly time: number
  /** When the broker took that packet, ms since 1970 UTC; 0 when unknown. Not part of the id. */
  readonly logged: number
  readonly incident: IncidentRecord
  readonly evidence: readonly EvidenceRecord[]
}

export interface IncidentRecord {
  readonly id: string
  readonly source: string | null
  readonly members: readonly string[]
  readonly target: string | null
  readonly prefix: string
  readonly kinds: readonly string[]
  readonly level: number
  readonly score: number
  readonly firstSeen: number
  readonly lastSeen: number
  readonly packets: number
  readonly contacts: number
  readonly hosts: readonly string[]
  readonly hostCount: number
  readonly reporters: readonly string[]
  readonly ports: Readonly<Record<string, string>>
  readonly portCount: number
  readonly protocols: readonly number[]
  readonly techniques: readonly string[]
  readonly attack: readonly string[]
  readonly tool: string | null
  readonly os: string | null
  readonly signatures: readonly SignatureRecord[]
  readonly bannable: boolean
  readonly reasons: readonly string[]
}

/** A packet that led to the alert. Numbers are -1 where the line did not say. */
export interface EvidenceRecord {
  readonly time: number
  readonly reporter: string
  readonly prefix: string
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

export interface SignatureRecord {
  readonly id: string
  readonly name: string
  readonly count: number
}
