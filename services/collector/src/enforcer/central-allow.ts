/**
 * Central allow: the fleet's allowlist as this host obeys it: signed, never an older one than was known, remembered over a restart.
 *
 * It can only protect. So what is not to be obeyed leaves the list that is known in place, and a host that knows none bans as before.
 */
import {
  type BanLedger,
  type BanVerifier,
  type LedgerEntry,
  MAX_ALLOWLIST_ENTRIES,
  type RememberedAllowlist,
} from '@picket/runtime/bans'
import { centralEntries } from '../enforce/central-entries.ts'
import type { NeverEntry } from '../enforce/never-ban.ts'
import type { RefusalReason } from '../enforce/refusals.ts'
import type { Appended } from './wish-feed.ts'

export interface AllowTaken {
  readonly revision: number
  readonly entries: readonly NeverEntry[]
}

export type AllowOutcome =
  | { readonly outcome: 'new'; readonly taken: AllowTaken }
  /** Known already, or of the topic's past. */
  | { readonly outcome: 'repeat' }
  | {
      readonly outcome: 'refused'
      readonly revision: number
      readonly reason: RefusalReason
      readonly detail: string
    }

interface Newest {
  readonly revision: number
  readonly keyId: string
  readonly appendedAt: number
}

export class CentralAllow {
  readonly #verifier: BanVerifier
  readonly #ledger: Pick<BanLedger, 'allowlist'>
  #newest: Newest | undefined

  constructor(verifier: BanVerifier, ledger: Pick<BanLedger, 'allowlist'>) {
    this.#verifier = verifier
    this.#ledger = ledger
  }

  recall({ bytes, appendedAt }: LedgerEntry): Promise<AllowOutcome> {
    return this.take({ bytes, time: appendedAt })
  }

  async take({ bytes, time }: Appended): Promise<AllowOutcome> {
    const verified = await this.#verifier.verifyAllowlist(bytes)
    if (!verified.ok) return refusedAs(verified)
    const { list, digest } = verified
    const gone = this.#verifier.goneSince(list)
    if (gone !== undefined) return refusedAs(gone)
    const known = this.#newest
    if (known !== undefined && list.revision <= known.revision) return passedOver(list.revision, time, known)
    this.#newest = { revision: list.revision, keyId: list.keyId, appendedAt: time }
    this.#ledger.allowlist = { bytes, digest, appendedAt: time, admittedAt: time }
    const entries = centralEntries(list.entries, MAX_ALLOWLIST_ENTRIES)
    return { outcome: 'new', taken: { revision: list.revision, entries } }
  }

  /** Whether this is still what is obeyed: its key may be gone since it was taken. */
  holds({ revision }: AllowTaken): boolean {
    return this.#newest?.revision === revision
  }

  /** Forgets a list whose key is pinned no longer, as if it had never been. */
  dropUnpinned(): boolean {
    const known = this.#newest
    if (known === undefined || this.#verifier.keys.get(known.keyId)?.state === 'pinned') return false
    this.#newest = undefined
    this.#ledger.allowlist = undefined
    return true
  }
}

function refusedAs({ reason, detail, claimed }: RememberedAllowlist & { ok: false }): AllowOutcome {
  return { outcome: 'refused', revision: claimed?.revision ?? 0, reason, detail }
}

/** What was appended before the newest is the topic's past; what comes behind it is an old list come again. */
function passedOver(revision: number, time: number, known: Newest): AllowOutcome {
  if (revision === known.revision || time <= known.appendedAt) return { outcome: 'repeat' }
  const detail = `revision ${revision} after ${known.revision}: an old allowlist come again`
  return { outcome: 'refused', revision, reason: 'revision-old', detail }
}
