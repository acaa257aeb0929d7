/**
 * Records: what the journal of a run holds.
 *
 * The journal keeps the *input*, not what it led to, since a socket or the kernel's ring cannot be read
 * twice and the same input always leads to the same state. Beside it stands which alerts were told, and what the response keeps.
 */
import type { InputHead } from '@picket/collector/main'
import { headParts, readHeaded } from '@picket/runtime'

const INPUT = 1
const TOLD = 2
const STORE = 3

export interface InputRecord {
  readonly kind: 'input'
  readonly head: InputHead
  /** The lines as they came. */
  readonly bytes: Uint8Array
}

export interface ToldRecord {
  readonly kind: 'told'
  readonly ids: readonly string[]
}

/** A change of the response's store. */
export interface StoreRecord {
  readonly kind: 'store'
  readonly bytes: Uint8Array
}

export type RunRecord = InputRecord | ToldRecord | StoreRecord

export function inputParts(head: InputHead, bytes: Uint8Array): Uint8Array[] {
  return [...headParts(INPUT, head), bytes]
}

export function toldParts(ids: readonly string[]): Uint8Array[] {
  return headParts(TOLD, { ids })
}

export function storeParts(change: Uint8Array): Uint8Array[] {
  return [...headParts(STORE, {}), change]
}

/** Undefined for a kind that this version does not know. */
export function readRecord(payload: Uint8Array): RunRecord | undefined {
  const { kind, head, bytes } = readHeaded(payload)
  if (kind === INPUT) return { kind: 'input', head: head as InputHead, bytes }
  if (kind === TOLD) return { kind: 'told', ids: (head as ToldRecord).ids }
  if (kind === STORE) return { kind: 'store', bytes }
  return undefined
}
