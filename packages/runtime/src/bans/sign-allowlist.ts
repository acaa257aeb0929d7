/**
 * The central allowlist as it lies on the topic of bans: one signed value under a key of its own, which is no address.
 *
 * It is known by its schema and not by its key: whoever may write to the topic chooses the key.
 */
import { type Allowlist, MESSAGES } from '@picket/schemas/messages'
import type { PinnedKeys, SigningKey } from './keys.ts'
import { forged, isSigned, readSigned, signMessage, type Unverified } from './signed-message.ts'

export const ALLOWLIST_KEY = 'allowlist'
/** Of the topic of bans. */
export const ALLOWLIST_PARTITION = 0
/** More are neither signed nor obeyed: a list without bound would fill the kernel. */
export const MAX_ALLOWLIST_ENTRIES = 5_000

export type UnsignedAllowlist = Omit<Allowlist, 'keyId' | 'signature'>
export type VerifiedAllowlist = { readonly ok: true; readonly list: Allowlist } | Unverified<Allowlist>

export function signAllowlist(list: UnsignedAllowlist, key: SigningKey): Uint8Array {
  return signMessage(MESSAGES.allowlist, list, key)
}

export function verifyAllowlist(bytes: Uint8Array, keys: PinnedKeys): VerifiedAllowlist {
  const read = readSigned(MESSAGES.allowlist, bytes, keys)
  if (!read.ok) return read
  return isSigned(read) ? { ok: true, list: read.value } : forged(read.value)
}

/** Whether these bytes are an allowlist, whoever wrote it. */
export function isAllowlist(bytes: Uint8Array): boolean {
  return MESSAGES.allowlist.decode(bytes).ok
}
