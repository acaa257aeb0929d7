/** Packet batch: generated from schemas/avro/packet-batch.avsc by scripts/generate-types.mjs; do not edit. */

/** What one agent sends of one partition at a time. Texts, addresses and byte strings stand once in tables; packets refer to them by index. */
export interface PacketBatch {
  /** 32 hex digits, made at the agent's first start. */
  readonly agent: string
  /** The machine that the agent runs on. */
  readonly reporter: string
  /** Label where private networks overlap; empty otherwise. */
  readonly site: string
  /** Counts the batches of this agent and partition from 1, without gaps. */
  readonly number: number
  /** The agent's clock when the batch was sealed, ms since 1970 UTC. */
  readonly sealed: number
  /** What the packets' times count from, ms since 1970 UTC. */
  readonly base: number
  readonly names: readonly string[]
  /** 16 bytes each, IPv4 as IPv4-mapped IPv6. */
  readonly addresses: Uint8Array
  /** Byte strings, one behind the other. */
  readonly blobs: Uint8Array
  /** Where each of them ends, in order. */
  readonly blobEnds: readonly number[]
  readonly packets: readonly PacketRecord[]
}

/** One packet, or several alike that were folded. Numbers are -1 where the line does not say. */
export interface PacketRecord {
  /** Event time of the first, ms after `base`. */
  readonly at: number
  /** Ms from the first to the last; 0 for one packet. */
  readonly lasted: number
  /** How many packets it stands for; at least 1. */
  readonly count: number
  /** 1 header incomplete, 2 to a broadcast or multicast hardware address, 4 told of before by an audit line, 8 the line had no time and has that of its arrival. */
  readonly bits: number
  /** Name of the machine that logged it; -1 is the batch's. */
  readonly reporter: number
  /** Name: the log prefix as written. */
  readonly prefix: number
  /** Index in VERDICTS. */
  readonly verdict: number
  /** Name of the interface; -1 when empty. */
  readonly in: number
  /** Name of the interface; -1 when empty. */
  readonly out: number
  /** Address. */
  readonly src: number
  /** Address. */
  readonly dst: number
  readonly proto: number
  readonly spt: number
  readonly dpt: number
  readonly flags: number
  readonly icmpType: number
  readonly icmpCode: number
  readonly len: number
  /** The lowest. */
  readonly ttl: number
  /** The highest; equal to `ttl` for one packet. */
  readonly ttlHigh: number
  readonly id: number
  readonly tos: number
  readonly window: number
  readonly seq: number
  readonly ack: number
  readonly udpLen: number
  readonly icmpId: number
  readonly icmpSeq: number
  readonly fragment: number
  readonly fragmentOffset: number
  /** Blob: the octets of MAC= as text. */
  readonly mac: number
  /** Blob: hex digits as text. */
  readonly tcpOptions: number
  /** Blob: hex digits as text. */
  readonly ipOptions: number
  /** Blob: the text between the brackets of an ICMP error. */
  readonly inner: number
  readonly uid: number
  readonly gid: number
  readonly mark: number
}
