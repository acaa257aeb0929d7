/**
 * Verifies bans and the allowlist on the thread pool, and remembers by hash what it has verified: an Ed25519 check costs a tenth of a
 * millisecond, so a restart with 10,000 bans would take a second for nothing.
 *
 * What is remembered binds the key too. A key that was retired or unpinned meanwhile is refused before memory is asked.
 */
import { verify } from 'node:crypto'
import { type Allowlist, type Ban, type Codec, MESSAGES } from '@picket/schemas/messages'
import type { PinnedKeys } from './keys.ts'
import {
  forged,
  pinnedFor,
  readSigned,
  type SignedMessage,
  type Unverified,
  verifiedDigest,
} from './signed-message.ts'

interface Known<T> {
  readonly ok: true
  readonly value: T
  /** For the next verifier. */
  readonly digest: string
}

export type RememberedBan =
  | { readonly ok: true; readonly ban: Ban; readonly digest: string }
  | Unverified<Ban>

export type RememberedAllowlist =
  | { readonly ok: true; readonly list: Allowlist; readonly digest: string }
  | Unverified<Allowlist>

export class BanVerifier {
  #keys: PinnedKeys
  readonly #known = new Set<string>()
  readonly #most: number
  /** Signatures that were computed, not remembered. */
  computed = 0

  constructor(keys: PinnedKeys, known: Iterable<string> = [], most = 200_000) {
    this.#keys = keys
    this.#most = most
    for (const digest of known) this.#known.add(digest)
  }

  get keys(): PinnedKeys {
    return this.#keys
  }

  useKeys(keys: PinnedKeys): void {
    this.#keys = keys
  }

  /**
   * Why what was verified is valid no longer. Keys change while a signature is computed: whoever has waited for one asks this where the
   * message is used, with no wait between.
   */
  goneSince<T extends Ban | Allowlist>(verified: T): Unverified<T> | undefined {
    const key = pinnedFor(verified, this.#keys)
    return 'ok' in key ? key : undefined
  }

  /** Undefined for what is passed over: no signature is computed of that. */
  async verify(bytes: Uint8Array, isPassedOver?: (ban: Ban) => boolean): Promise<RememberedBan | undefined> {
    const verified = await this.#verify(MESSAGES.ban, bytes, isPassedOver)
    if (verified === undefined || !verified.ok) return verified
    return { ok: true, ban: verified.value, digest: verified.digest }
  }

  async verifyAllowlist(bytes: Uint8Array): Promise<RememberedAllowlist> {
    const verified = await this.#verify(MESSAGES.allowlist, bytes, () => false)
    if (verified === undefined) throw new Error('nothing is passed over here')
    return verified.ok ? { ok: true, list: verified.value, digest: verified.digest } : verified
  }

  async #verify<T extends { readonly keyId: string; readonly signature: Uint8Array }>(
    codec: Codec<T>,
    bytes: Uint8Array,
    isPassedOver?: (value: T) => boolean,
  ): Promise<Known<T> | Unverified<T> | undefined> {
    const read = readSigned(codec, bytes, this.#keys)
    if (!read.ok) return read
    const { value } = read
    if (isPassedOver?.(value) === true) return undefined
    const digest = verifiedDigest(bytes, read.key)
    if (this.#known.has(digest)) return { ok: true, value, digest }
    this.computed++
    if (!(await isSigned(read))) return forged(value)
    this.#remember(digest)
    return { ok: true, value, digest }
  }

  #remember(digest: string): void {
    if (this.#known.size >= this.#most) {
      const [oldest] = this.#known
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    this.#known.add(digest)
  }
}

function isSigned<T>({ unsigned, key, signature }: SignedMessage<T>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify(null, unsigned, key.publicKey, signature, (error, isValid) => {
      if (error === null) resolve(isValid)
      else reject(error)
    })
  })
}
