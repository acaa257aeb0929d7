/**
 * Verifies bans on the thread pool, and remembers by hash what it has verified: an Ed25519 check costs a tenth of a millisecond,
 * so a restart with 10,000 bans would take a second for nothing.
 *
 * What is remembered binds the key too. A key that was retired or unpinned meanwhile is refused before memory is asked.
 */
import { verify } from 'node:crypto'
import type { Ban } from '@picket/schemas/messages'
import type { PinnedKeys } from './keys.ts'
import { forged, readSigned, type SignedBan, type VerifiedBan, verifiedDigest } from './sign-ban.ts'

export type RememberedBan =
  | { readonly ok: true; readonly ban: Ban /** For the next verifier. */; readonly digest: string }
  | Extract<VerifiedBan, { ok: false }>

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

  /** Undefined for what is passed over: no signature is computed of that. */
  async verify(bytes: Uint8Array, isPassedOver?: (ban: Ban) => boolean): Promise<RememberedBan | undefined> {
    const read = readSigned(bytes, this.#keys)
    if (!read.ok) return read
    if (isPassedOver?.(read.ban) === true) return undefined
    const digest = verifiedDigest(bytes, read.key)
    if (this.#known.has(digest)) return { ok: true, ban: read.ban, digest }
    this.computed++
    if (!(await isSigned(read))) return forged(read.ban)
    this.#remember(digest)
    return { ok: true, ban: read.ban, digest }
  }

  #remember(digest: string): void {
    if (this.#known.size >= this.#most) {
      const [oldest] = this.#known
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    this.#known.add(digest)
  }
}

function isSigned({ unsigned, key, signature }: SignedBan): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify(null, unsigned, key.publicKey, signature, (error, isValid) => {
      if (error === null) resolve(isValid)
      else reject(error)
    })
  })
}
