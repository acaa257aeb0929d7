/** Dead letter: generated from schemas/avro/dead-letter.avsc by scripts/generate-types.mjs; do not edit. */

/** A message that could not be used, as it was. */
export interface DeadLetter {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** When it was set aside, ms since 1970 UTC. */
  readonly time: number
  readonly service: string
  /** Out of a closed list. */
  readonly reason: string
  readonly detail: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}
