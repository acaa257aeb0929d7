/**
 * Read message: an alert or a receipt out of the bytes of a topic, or why it cannot be used.
 *
 * A message that decodes may still say what no detector says. Such a one would later stop the store (a key that is no byte)
 * or the one who prints it (a time beyond the calendar), so it is refused here.
 */
import { type AlertMessage, type Codec, MESSAGES, type Receipt } from '@picket/schemas/messages'

/** Why a message is set aside. Closed, as it is a metric label. */
export const DEAD_REASONS = [
  'empty',
  'not-ours',
  'unknown-schema',
  'wrong-type',
  'broken',
  'too-large',
  'out-of-form',
  'handler-fault',
] as const
export type DeadReason = (typeof DEAD_REASONS)[number]

export type ReadMessage<T> =
  | { readonly ok: true; readonly value: T; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: DeadReason; readonly detail: string }

const ID = /^[0-9a-f]{16}$/
/** ECMA-262 21.4.1.1: no Date lies beyond. */
const LAST_TIME = 8.64e15
const MAX_NAME = 255

export function readAlert(bytes: Uint8Array | null): ReadMessage<AlertMessage> {
  return read(bytes, MESSAGES.alert, faultOfAlert)
}

export function readReceipt(bytes: Uint8Array | null): ReadMessage<Receipt> {
  return read(bytes, MESSAGES.receipt, faultOfReceipt)
}

function read<T>(
  bytes: Uint8Array | null,
  codec: Codec<T>,
  faultOf: (value: T) => string | undefined,
): ReadMessage<T> {
  if (bytes === null) return { ok: false, reason: 'empty', detail: 'it has no value' }
  const decoded = codec.decode(bytes)
  if (!decoded.ok) return decoded
  const detail = faultOf(decoded.value)
  if (detail !== undefined) return { ok: false, reason: 'out-of-form', detail }
  return { ok: true, value: decoded.value, bytes }
}

/** An incident as a detector keeps it current: in the form of an alert, but none, hence without a revision. */
export function readView(bytes: Uint8Array): ReadMessage<AlertMessage> {
  return read(bytes, MESSAGES.alert, faultOfForm)
}

function faultOfAlert(alert: AlertMessage): string | undefined {
  return alert.revision < 1 ? `revision ${alert.revision}` : faultOfForm(alert)
}

function faultOfForm({ id, time, incident, evidence }: AlertMessage): string | undefined {
  if (!ID.test(id) || !ID.test(incident.id)) return 'an id is not 16 hex digits'
  if (incident.level < 0) return `level ${incident.level}`
  const times = [time, incident.firstSeen, incident.lastSeen, ...evidence.map((packet) => packet.time)]
  const isTime = times.every((at) => Math.abs(at) <= LAST_TIME)
  return isTime ? undefined : 'a time lies beyond the calendar'
}

function faultOfReceipt({
  service,
  instance,
  reporter,
  version,
  time,
  heartbeat,
}: Receipt): string | undefined {
  if ([service, instance, reporter, version].some((name) => name.length > MAX_NAME))
    return 'a name is too long'
  const isTime = [time, heartbeat?.started ?? 0].every((at) => Math.abs(at) <= LAST_TIME)
  return isTime ? undefined : 'a time lies beyond the calendar'
}
