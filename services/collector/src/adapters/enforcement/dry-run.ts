/**
 * KernelBans that touches nothing: the default, and all that can be done without CAP_NET_ADMIN.
 *
 * It keeps what it was told and lets it run out, so that everything above it behaves as it would; each receipt says that nothing was done.
 */
import type { Failures, KernelBans, KernelElement, Transaction, Usable } from '../../enforce/kernel-bans.ts'

const MOST = 65_536

export class DryRunBans implements KernelBans {
  readonly name = 'dry-run'
  readonly isReal = false
  readonly most: number = MOST
  /** By subject, the end by `now`. */
  readonly #ends = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  async probe(): Promise<Usable> {
    return { usable: true }
  }

  async prepare(): Promise<void> {}

  async isPrepared(): Promise<boolean> {
    return true
  }

  async list(): Promise<KernelElement[]> {
    const now = this.#now()
    for (const [subject, end] of this.#ends) if (end <= now) this.#ends.delete(subject)
    return [...this.#ends].map(([subject, end]) => ({ subject, seconds: Math.ceil((end - now) / 1_000) }))
  }

  async apply({ set, lift }: Transaction): Promise<Failures> {
    for (const { text } of lift) this.#ends.delete(text)
    for (const { subject, seconds } of set) this.#ends.set(subject.text, this.#now() + seconds * 1_000)
    return new Map()
  }

  async liftAll(): Promise<void> {
    this.#ends.clear()
  }
}
