/**
 * Stored values: what the responder keeps in the store, as bytes.
 *
 * An incident is a head of JSON (what was told of it) and behind it the alert as it came: its own encoding carries its
 * version, so an alert of an older release can be read from the store as from the topic. An empty value is one forgotten.
 */
import type { StoreKey } from '@picket/runtime'
import { HIGH_SEED, hashText, LOW_SEED, printId } from '@picket/schemas'
import type { AlertMessage } from '@picket/schemas/messages'
import { keyOf, type Process, type Standing, type Told } from '../index.ts'
import { readAlert } from './read-message.ts'

/** Where reading stands: which values there are, and how far the topic was read. */
export const KEYS_KEY: StoreKey = 'x'
export const POSITION_KEY: StoreKey = 'o'
export const FORGOTTEN: Uint8Array = new Uint8Array(0)

const FORMAT = 1
const PREFIX_BYTES = 5

export interface StoredIncident {
  readonly standing: Standing
  readonly alert: AlertMessage
}

/** The next offset to read, and the broker's time of the message before it. */
export interface Position {
  readonly next: number
  readonly time: number
}

export function incidentKey(id: string): StoreKey {
  return `a${id}`
}

/** Of its names, which are strangers' words of any length. */
export function processKey(process: Process): StoreKey {
  const names = keyOf(process)
  return `p${printId(hashText(names, HIGH_SEED), hashText(names, LOW_SEED))}`
}

export function encodeIncident({ told }: Standing, alert: Uint8Array): Uint8Array {
  const head = jsonBytes({ told })
  const bytes = new Uint8Array(PREFIX_BYTES + head.length + alert.length)
  bytes[0] = FORMAT
  new DataView(bytes.buffer).setUint32(1, head.length, true)
  bytes.set(head, PREFIX_BYTES)
  bytes.set(alert, PREFIX_BYTES + head.length)
  return bytes
}

/** Undefined for one forgotten, and for what this release cannot read. */
export function decodeIncident(bytes: Uint8Array): StoredIncident | undefined {
  if (bytes.length < PREFIX_BYTES || bytes[0] !== FORMAT) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headEnd = PREFIX_BYTES + view.getUint32(1, true)
  const head = readJson(bytes.subarray(PREFIX_BYTES, headEnd)) as { readonly told: Told | null } | undefined
  const alert = readAlert(bytes.subarray(headEnd))
  if (head === undefined || !alert.ok) return undefined
  const { id, revision, incident } = alert.value
  const standing = {
    incident: incident.id,
    alert: id,
    revision,
    lastSeen: incident.lastSeen,
    told: head.told,
  }
  return { standing, alert: alert.value }
}

export function encodeProcess(process: Process): Uint8Array {
  return jsonBytes(process)
}

export function decodeProcess(bytes: Uint8Array): Process | undefined {
  return readJson(bytes) as Process | undefined
}

export function encodePosition(position: Position): Uint8Array {
  return jsonBytes(position)
}

export function decodePosition(bytes: Uint8Array | null | undefined): Position | undefined {
  return bytes === null || bytes === undefined ? undefined : (readJson(bytes) as Position | undefined)
}

export function encodeKeys(keys: Iterable<StoreKey>): Uint8Array {
  return jsonBytes([...keys])
}

export function decodeKeys(bytes: Uint8Array | null | undefined): StoreKey[] {
  return bytes === null || bytes === undefined ? [] : ((readJson(bytes) ?? []) as StoreKey[])
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
