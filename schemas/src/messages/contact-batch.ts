/** Contact batch: generated from schemas/avro/contact-batch.avsc by scripts/generate-types.mjs; do not edit. */

/** First contacts of sources that one input message led to, for what many sources do together. Empty ones carry the watermark. */
export interface ContactBatch {
  /** Partition of picket.packets. */
  readonly upstream: number
  /** Offset there of the message that it comes from; -1 when it only carries the watermark. */
  readonly offset: number
  /** No contact of that partition will be older, ms since 1970 UTC; later ones count as late. */
  readonly watermark: number
  /** 16 bytes each, IPv4 as IPv4-mapped IPv6. */
  readonly addresses: Uint8Array
  readonly contacts: readonly ContactRecord[]
}

export interface ContactRecord {
  /** Event time, ms since 1970 UTC. */
  readonly time: number
  /** Address. */
  readonly source: number
  /** Address. */
  readonly host: number
  readonly proto: number
  /** Destination port or ICMP type; -1 without. */
  readonly port: number
  /** Bit number as in the detector's techniques. */
  readonly technique: number
  /** The how-manieth contact of its source in this story, from 1. */
  readonly rank: number
  /** Which targets of it belong to this message's partition: 1 the host, 2 the port. */
  readonly targets: number
}
