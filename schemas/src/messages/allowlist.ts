/** Allowlist: generated from schemas/avro/allowlist.avsc by scripts/generate-types.mjs; do not edit. */

/** Whom the whole fleet never bans: all of the central allowlist. It can protect, and nothing else. */
export interface Allowlist {
  readonly entries: readonly AllowlistEntry[]
  /** Rises with each change. */
  readonly revision: number
  readonly keyId: string
  /** Ed25519 over the message with an empty signature. */
  readonly signature: Uint8Array
}

export interface AllowlistEntry {
  /** Canonical address or prefix. */
  readonly network: string
  /** Ms since 1970 UTC; 0 is for ever. */
  readonly until: number
  readonly comment: string
  /** configuration or command. */
  readonly from: string
  /** Who gave the command; empty when nobody is known. */
  readonly by: string
}
