/** Ban: generated from schemas/avro/ban.avsc by scripts/generate-types.mjs; do not edit. */

/** The whole wish for one subject. No wish, or none that lies ahead, lifts the ban. */
export interface Ban {
  /** Canonical address or prefix. */
  readonly subject: string
  readonly wishes: readonly BanWish[]
  /** Rises with each wish for this subject. */
  readonly revision: number
  readonly keyId: string
  /** Ed25519 over the message with an empty signature. */
  readonly signature: Uint8Array
}

export interface BanWish {
  /** Reporters that it concerns; none is all. */
  readonly hosts: readonly string[]
  /** Ms since 1970 UTC. */
  readonly from: number
  /** Ms since 1970 UTC; there is no ban without an end. */
  readonly until: number
  readonly why: string
}
