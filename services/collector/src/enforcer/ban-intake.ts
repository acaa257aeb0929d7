/**
 * BanIntake: from signed messages to the wishes of this host, and to whom the fleet allows. What is not to be obeyed ends here, with its reason.
 *
 * Messages are verified side by side but taken in order. A key may be retired meanwhile, so what was verified is asked after again. The ledger keeps each subject's newest message, so that all of this is known
 * again after a restart.
 */
import {
  ALLOWLIST_KEY,
  type BanLedger,
  type BanVerifier,
  isAllowlist,
  type LedgerContent,
} from '@picket/runtime/bans'
import type { Ban } from '@picket/schemas/messages'
import { Admission } from '../enforce/admission.ts'
import type { HostWish } from '../enforce/ban-outcome.ts'
import type { RefusalReason } from '../enforce/refusals.ts'
import { readSubject } from '../enforce/subject.ts'
import { type Here, type SubjectWish, WishBook } from '../enforce/wish-book.ts'
import { type AllowOutcome, type AllowTaken, CentralAllow } from './central-allow.ts'
import type { Appended } from './wish-feed.ts'

export interface RefusedMessage {
  /** What it claims, if it could be read. */
  readonly claimed: Pick<Ban, 'subject' | 'revision'> | undefined
  readonly reason: RefusalReason
  readonly detail: string
}

export interface Taken {
  readonly wishes: HostWish[]
  readonly refused: RefusedMessage[]
  /** Where it has changed. */
  allow: AllowTaken | undefined
}

export interface IntakeParts {
  readonly verifier: BanVerifier
  readonly here: Here
  readonly perMinute: number
  /** Where the newest message of each subject is kept. */
  readonly ledger: Pick<BanLedger, 'entries' | 'allowlist'>
}

interface Valid {
  readonly ban: Ban
  readonly bytes: Uint8Array
  readonly digest: string
}

export class BanIntake {
  readonly #parts: IntakeParts
  readonly #book: WishBook
  readonly #admission: Admission
  readonly #allow: CentralAllow

  constructor(parts: IntakeParts) {
    this.#parts = parts
    this.#book = new WishBook(parts.here)
    this.#admission = new Admission(parts.perMinute)
    this.#allow = new CentralAllow(parts.verifier, parts.ledger)
  }

  /** What this host knew before it was restarted, in order. Entries whose key is gone are left out. */
  async recall(content: LedgerContent): Promise<Taken> {
    const known = [...content.entries.values()].sort((a, b) => a.appendedAt - b.appendedAt)
    const taken: Taken = { wishes: [], refused: [], allow: undefined }
    // A list whose key is gone is left out as well.
    if (content.allowlist !== undefined) {
      const recalled = await this.#allow.recall(content.allowlist)
      if (recalled.outcome === 'new') taken.allow = recalled.taken
    }
    const verified = await sideBySide(known, ({ bytes }) => this.#parts.verifier.verify(bytes))
    for (const [i, entry] of known.entries()) {
      const outcome = verified[i]
      if (outcome === undefined) continue
      if (outcome.ok && this.#parts.verifier.goneSince(outcome.ban) === undefined)
        this.#takeOne({ ...outcome, bytes: entry.bytes }, entry.appendedAt, () => entry.admittedAt, taken)
    }
    return this.#withoutGoneList(taken)
  }

  async take(lot: readonly Appended[]): Promise<Taken> {
    const taken: Taken = { wishes: [], refused: [], allow: undefined }
    const bans: Appended[] = []
    for (const appended of lot) {
      if (isAllowlist(appended.bytes)) takeAllow(await this.#allow.take(appended), taken)
      else bans.push(appended)
    }
    await this.#takeBans(bans, taken)
    return this.#withoutGoneList(taken)
  }

  /** Its key may have gone while the bans behind it were verified. */
  #withoutGoneList(taken: Taken): Taken {
    if (taken.allow !== undefined && !this.#allow.holds(taken.allow)) taken.allow = undefined
    return taken
  }

  async #takeBans(lot: readonly Appended[], taken: Taken): Promise<void> {
    const verified = await sideBySide(lot, ({ bytes, time }) =>
      this.#parts.verifier.verify(bytes, ({ subject, revision }) =>
        this.#book.isPast(subject, revision, time),
      ),
    )
    for (const [i, { bytes, time }] of lot.entries()) {
      const outcome = verified[i]
      if (outcome === undefined) continue
      const refusal = outcome.ok ? this.#parts.verifier.goneSince(outcome.ban) : outcome
      if (outcome.ok && refusal === undefined)
        this.#takeOne({ ...outcome, bytes }, time, (at) => this.#admission.admit(at), taken)
      else if (refusal !== undefined)
        taken.refused.push({ claimed: refusal.claimed, reason: refusal.reason, detail: refusal.detail })
    }
  }

  /** Subjects whose key is pinned no longer: as if they had never been wished. */
  dropUnpinned(): string[] {
    const keys = this.#parts.verifier.keys
    const gone = new Set(
      [...this.#book.all()].map(({ keyId }) => keyId).filter((id) => keys.get(id)?.state !== 'pinned'),
    )
    return this.#forget([...gone].flatMap((id) => this.#book.dropKey(id)))
  }

  /** Whether the fleet's allowlist went with its key. */
  dropAllow(): boolean {
    return this.#allow.dropUnpinned()
  }

  /** Subjects that no old message could bring back. */
  forget(now: number): string[] {
    return this.#forget(this.#book.forget(now))
  }

  #takeOne({ ban, bytes, digest }: Valid, at: number, admit: (at: number) => number, taken: Taken): void {
    if (readSubject(ban.subject) === undefined) {
      taken.refused.push({
        claimed: ban,
        reason: 'no-address',
        detail: 'no address or prefix in canonical spelling',
      })
      return
    }
    const result = this.#book.take(ban, at, admit)
    if (result.outcome === 'revision-old') {
      const detail = `revision ${ban.revision} after ${result.known}: an old message come again`
      taken.refused.push({ claimed: ban, reason: 'revision-old', detail })
    }
    if (result.outcome !== 'new') return
    taken.wishes.push(hostWish(result.wish))
    const { appendedAt, admittedAt } = result.wish
    this.#parts.ledger.entries.set(ban.subject, { bytes, digest, appendedAt, admittedAt })
  }

  #forget(wishes: readonly SubjectWish[]): string[] {
    for (const { subject } of wishes) this.#parts.ledger.entries.delete(subject)
    return wishes.map(({ subject }) => subject)
  }
}

function takeAllow(result: AllowOutcome, taken: Taken): void {
  if (result.outcome === 'new') taken.allow = result.taken
  if (result.outcome !== 'refused') return
  const { revision, reason, detail } = result
  taken.refused.push({ claimed: { subject: ALLOWLIST_KEY, revision }, reason, detail })
}

/**
 * Enough to keep every core busy, also while this thread waits for its turn on a busy machine; ten thousand at once would only be
 * garbage to carry around.
 */
const AT_ONCE = 2_048

async function sideBySide<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const done: Out[] = []
  const rest = items.entries()
  const lane = async (): Promise<void> => {
    for (const [at, item] of rest) done[at] = await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return done
}

function hostWish({ subject, revision, spans, admittedAt, isForOthers }: SubjectWish): HostWish {
  return { subject, revision, spans, admittedAt, isForOthers }
}
