/**
 * Signed messages: signing what the responder sends to hosts, and telling whether it was signed by a pinned key.
 *
 * What is signed are the bytes of the message with an empty signature. The signature is the last field, so those bytes are found
 * without writing the message again: a message of an older schema, or with padded numbers, is judged by what was really sent. They
 * begin with the fingerprint of the schema, so a signature under one kind of message is none under another.
 */
import { createHash, sign, verify } from 'node:crypto'
import type { Codec } from '@picket/schemas/messages'
import type { PinnedKey, PinnedKeys, SigningKey } from './keys.ts'

interface Signature {
  readonly keyId: string
  readonly signature: Uint8Array
}

export type SignatureFault =
  /** The bytes are no such message: poison. */
  'not-a-ban' | 'unknown-key' | 'retired-key' | 'bad-signature'

export interface Unverified<T> {
  readonly ok: false
  readonly reason: SignatureFault
  readonly detail: string
  /** What it claims to be; undefined where the bytes could not be read. Not to be trusted. */
  readonly claimed: T | undefined
}

/** All that can be told before the costly part. */
export interface SignedMessage<T> {
  readonly ok: true
  readonly value: T
  readonly key: PinnedKey
  readonly unsigned: Uint8Array
  readonly signature: Uint8Array
}

const SIGNATURE_BYTES = 64
/** Avro's count before 64 bytes: zigzag 128, as two groups of seven bits. */
const COUNT = [0x80, 0x01] as const
const TAIL_BYTES = SIGNATURE_BYTES + COUNT.length

/** The message, ready to be published. */
export function signMessage<T extends Signature>(
  codec: Codec<T>,
  value: Omit<T, keyof Signature>,
  key: SigningKey,
): Uint8Array {
  const whole = (signature: Uint8Array): T => ({ ...value, keyId: key.id, signature }) as unknown as T
  const unsigned = codec.encode(whole(new Uint8Array(0)))
  return codec.encode(whole(new Uint8Array(sign(null, unsigned, key.privateKey))))
}

export function readSigned<T extends Signature>(
  codec: Codec<T>,
  bytes: Uint8Array,
  keys: PinnedKeys,
): SignedMessage<T> | Unverified<T> {
  const decoded = codec.decode(bytes)
  if (!decoded.ok) return { ok: false, reason: 'not-a-ban', detail: decoded.detail, claimed: undefined }
  const { value } = decoded
  const key = pinnedFor(value, keys)
  if ('ok' in key) return key
  const end = bytes.length - TAIL_BYTES
  if (end < 0 || bytes[end] !== COUNT[0] || bytes[end + 1] !== COUNT[1])
    return refused('bad-signature', 'there is no signature of 64 bytes', value)
  const unsigned = new Uint8Array(end + 1)
  unsigned.set(bytes.subarray(0, end))
  return { ok: true, value, key, unsigned, signature: bytes.subarray(end + COUNT.length) }
}

/** The key that it names, or why nothing under that key is valid. */
export function pinnedFor<T extends Signature>(value: T, keys: PinnedKeys): PinnedKey | Unverified<T> {
  const key = keys.get(value.keyId)
  if (key === undefined)
    return refused('unknown-key', `no key ${value.keyId.slice(0, 32)} is pinned here`, value)
  return key.state === 'retired' ? refused('retired-key', `key ${key.id} was retired`, value) : key
}

export function isSigned<T>({ unsigned, key, signature }: SignedMessage<T>): boolean {
  return verify(null, unsigned, key.publicKey, signature)
}

export function forged<T extends Signature>(value: T): Unverified<T> {
  return refused('bad-signature', `it was not signed by key ${value.keyId}`, value)
}

/** Stands for "these bytes were verified with this key": other bytes or another key give another one. */
export function verifiedDigest(bytes: Uint8Array, key: PinnedKey): string {
  return createHash('sha256').update(key.raw).update(bytes).digest('base64url')
}

function refused<T>(reason: SignatureFault, detail: string, claimed: T): Unverified<T> {
  return { ok: false, reason, detail, claimed }
}
