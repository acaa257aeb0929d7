/** Stored scan: generated from schemas/avro/stored-scan.avsc by scripts/generate-types.mjs; do not edit. */

/** A scan as the detector keeps it between two commits. */
export interface StoredScan {
  /** The last message folded into it. */
  readonly offset: number
  readonly policy: string
  /** Of `state`; the policy reads every older one. */
  readonly format: number
  readonly state: Uint8Array
}
