/**
 * Stored values: what the responder keeps in the store, as bytes.
 *
 * An incident is a head of JSON (what was told of it) and behind it the alert as it came: its own encoding carries its
 * version, so an alert of an older release can be read from the store as from the topic. An empty value is one forgotten.
 */
import type { StoreKey } from '@picket/runtime'
import { HIGH_SEED, hashText, LOW_SEED, printId } from '@picket/schemas'
import type { AlertMessage } from '@picket/schemas/messages'
import { type Decision, keyOf, type Process, type Standing, type ToldCount } from '../index.ts'
import { readAlert } from './read-message.ts'

/** Where reading stands: which values there are, and how far the topic was read. */
export const KEYS_KEY: StoreKey = 'x'
export const POSITION_KEY: StoreKey = 'o'
export const FORGOTTEN: Uint8Array = new Uint8Array(0)

const FORMAT = 1
const DECIDED = 2
/** JSON begins so. */
const BRACE = 0x7b
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

export function encodeIncident({ told, decisions = [] }: Standing, alert: Uint8Array): Uint8Array {
  return withHead(FORMAT, { told, decisions }, alert)
}

/** An alert in the outbox, with what was decided about it. */
export interface DecidedAlert {
  readonly alert: AlertMessage
  /** Undefined where nothing was. */
  readonly decision: Decision | undefined
  /** When, ms since 1970 UTC. */
  readonly at: number
  /** Whether the sinks are told as well. */
  readonly isNews: boolean
}

export function encodeDecided(
  { decision, at, isNews }: Omit<DecidedAlert, 'alert'>,
  alert: Uint8Array,
): Uint8Array {
  return withHead(DECIDED, { decision, at, isNews }, alert)
}

/** Also an alert alone, as a release before decisions left it. */
export function decodeDecided(bytes: Uint8Array): DecidedAlert | undefined {
  if (bytes[0] !== DECIDED) {
    const alone = readAlert(bytes)
    return alone.ok
      ? { alert: alone.value, decision: undefined, at: alone.value.time, isNews: true }
      : undefined
  }
  const parts = headOf(bytes)
  const alert = readAlert(parts.rest)
  const head = parts.head as Omit<DecidedAlert, 'alert'> | undefined
  return head === undefined || !alert.ok
    ? undefined
    : { ...head, decision: head.decision, alert: alert.value }
}

/** How often the source of a key was told, where that is limited. */
export function countKey(key: string): StoreKey {
  return `m${printId(hashText(key, HIGH_SEED), hashText(key, LOW_SEED))}`
}

export interface StoredCount extends ToldCount {
  readonly counts: string
}

export function encodeCount(count: StoredCount): Uint8Array {
  return jsonBytes(count)
}

export function decodeCount(bytes: Uint8Array): StoredCount | undefined {
  const count = bytes[0] === BRACE ? (readJson(bytes) as StoredCount | undefined) : undefined
  return typeof count?.counts === 'string' ? count : undefined
}

function withHead(format: number, fields: unknown, alert: Uint8Array): Uint8Array {
  const head = jsonBytes(fields)
  const bytes = new Uint8Array(PREFIX_BYTES + head.length + alert.length)
  bytes[0] = format
  new DataView(bytes.buffer).setUint32(1, head.length, true)
  bytes.set(head, PREFIX_BYTES)
  bytes.set(alert, PREFIX_BYTES + head.length)
  return bytes
}

/** Undefined for one forgotten, and for what this release cannot read. */
export function decodeIncident(bytes: Uint8Array): StoredIncident | undefined {
  if (bytes.length < PREFIX_BYTES || bytes[0] !== FORMAT) return undefined
  const parts = headOf(bytes)
  const head = parts.head as Pick<Standing, 'told' | 'decisions'> | undefined
  const alert = readAlert(parts.rest)
  if (head === undefined || !alert.ok) return undefined
  const { id, revision, incident } = alert.value
  const standing = {
    incident: incident.id,
    alert: id,
    revision,
    lastSeen: incident.lastSeen,
    told: head.told,
    decisions: head.decisions ?? [],
  }
  return { standing, alert: alert.value }
}

function headOf(bytes: Uint8Array): { readonly head: unknown; readonly rest: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headEnd = PREFIX_BYTES + view.getUint32(1, true)
  return { head: readJson(bytes.subarray(PREFIX_BYTES, headEnd)), rest: bytes.subarray(headEnd) }
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
