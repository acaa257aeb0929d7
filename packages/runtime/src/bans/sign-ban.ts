/** Signing bans, and telling whether one was signed by a pinned key. */
import { type Ban, MESSAGES } from '@picket/schemas/messages'
import type { PinnedKeys, SigningKey } from './keys.ts'
import {
  forged,
  isSigned,
  readSigned,
  type SignatureFault,
  signMessage,
  type Unverified,
} from './signed-message.ts'

export type UnsignedBan = Omit<Ban, 'keyId' | 'signature'>
export type BanFault = SignatureFault
export type VerifiedBan = { readonly ok: true; readonly ban: Ban } | Unverified<Ban>

export function signBan(ban: UnsignedBan, key: SigningKey): Uint8Array {
  return signMessage(MESSAGES.ban, ban, key)
}

export function verifyBan(bytes: Uint8Array, keys: PinnedKeys): VerifiedBan {
  const read = readSigned(MESSAGES.ban, bytes, keys)
  if (!read.ok) return read
  return isSigned(read) ? { ok: true, ban: read.value } : forged(read.value)
}
