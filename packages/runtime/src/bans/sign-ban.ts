/**
 * Signing bans, and telling whether one was signed by a pinned key.
 *
 * What is signed are the bytes of the message with an empty signature. The signature is the last field, so those bytes are found
 * without writing the message again: a message of an older schema, or with padded numbers, is judged by what was really sent.
 */
import { createHash, sign, verify } from 'node:crypto'
import { type Ban, MESSAGES } from '@picket/schemas/messages'
import type { PinnedKey, PinnedKeys, SigningKey } from './keys.ts'

export type UnsignedBan = Omit<Ban, 'keyId' | 'signature'>

export type BanFault =
  /** The bytes are no ban: poison. */
  'not-a-ban' | 'unknown-key' | 'retired-key' | 'bad-signature'

export type VerifiedBan =
  | { readonly ok: true; readonly ban: Ban }
  | {
      readonly ok: false
      readonly reason: BanFault
      readonly detail: string
      /** What it claims to be; undefined where the bytes could not be read. Not to be trusted. */
      readonly claimed: Ban | undefined
    }

const SIGNATURE_BYTES = 64
/** Avro's count before 64 bytes: zigzag 128, as two groups of seven bits. */
const COUNT = [0x80, 0x01] as const
const TAIL_BYTES = SIGNATURE_BYTES + COUNT.length

/** The message, ready to be published. */
export function signBan(ban: UnsignedBan, key: SigningKey): Uint8Array {
  const whole = { ...ban, keyId: key.id }
  const unsigned = MESSAGES.ban.encode({ ...whole, signature: new Uint8Array(0) })
  return MESSAGES.ban.encode({ ...whole, signature: new Uint8Array(sign(null, unsigned, key.privateKey)) })
}

export function verifyBan(bytes: Uint8Array, keys: PinnedKeys): VerifiedBan {
  const read = readSigned(bytes, keys)
  if (!read.ok) return read
  const { ban, key, unsigned, signature } = read
  return verify(null, unsigned, key.publicKey, signature) ? { ok: true, ban } : forged(ban)
}

export interface SignedBan {
  readonly ok: true
  readonly ban: Ban
  readonly key: PinnedKey
  readonly unsigned: Uint8Array
  readonly signature: Uint8Array
}

/** All that can be told before the costly part. */
export function readSigned(
  bytes: Uint8Array,
  keys: PinnedKeys,
): SignedBan | Extract<VerifiedBan, { ok: false }> {
  const decoded = MESSAGES.ban.decode(bytes)
  if (!decoded.ok) return { ok: false, reason: 'not-a-ban', detail: decoded.detail, claimed: undefined }
  const ban = decoded.value
  const key = keys.get(ban.keyId)
  if (key === undefined) return refused('unknown-key', `no key ${ban.keyId.slice(0, 32)} is pinned here`, ban)
  if (key.state === 'retired') return refused('retired-key', `key ${key.id} was retired`, ban)
  const end = bytes.length - TAIL_BYTES
  if (end < 0 || bytes[end] !== COUNT[0] || bytes[end + 1] !== COUNT[1])
    return refused('bad-signature', 'there is no signature of 64 bytes', ban)
  const unsigned = new Uint8Array(end + 1)
  unsigned.set(bytes.subarray(0, end))
  return { ok: true, ban, key, unsigned, signature: bytes.subarray(end + COUNT.length) }
}

export function forged(ban: Ban): Extract<VerifiedBan, { ok: false }> {
  return refused('bad-signature', `it was not signed by key ${ban.keyId}`, ban)
}

/** Stands for "these bytes were verified with this key": other bytes or another key give another one. */
export function verifiedDigest(bytes: Uint8Array, key: PinnedKey): string {
  return createHash('sha256').update(key.raw).update(bytes).digest('base64url')
}

function refused(reason: BanFault, detail: string, claimed: Ban): Extract<VerifiedBan, { ok: false }> {
  return { ok: false, reason, detail, claimed }
}
