/** What a spool is opened with, and what it hands out. */
import type { Identity } from './identity.ts'
import type { Segment } from './segment.ts'
import type { SpoolState } from './spool-state.ts'

export interface SpoolOptions {
  readonly path: string
  readonly partitions: number
  readonly maxBytes: number
  readonly maxAgeMs: number
  /** Of one file; default an eighth of `maxBytes`, at most 8 MiB. */
  readonly segmentBytes?: number | undefined
}

/** A batch whose turn it is. */
export interface DueBatch {
  readonly partition: number
  readonly place: number
  readonly packets: number
  readonly sealed: number
  readonly bytes: Uint8Array
}

/** What `openSpool` has found. */
export interface SpoolParts {
  readonly options: SpoolOptions
  readonly state: SpoolState
  readonly segments: readonly Segment[]
  /** Of the newest segment. */
  readonly number: number
  readonly identity: Omit<Identity, 'floor'>
  readonly unlock: () => void
}
