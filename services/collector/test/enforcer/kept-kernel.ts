/**
 * A kernel in memory, for what needs no packets: a real implementation of the port that can also be told to fail or to be flushed.
 */
import { DryRunBans } from '../../src/adapters/enforcement/dry-run.ts'
import { KernelFailure } from '../../src/adapters/enforcement/kernel-failure.ts'
import type {
  Failures,
  KernelBans,
  KernelElement,
  Transaction,
  Usable,
} from '../../src/enforce/kernel-bans.ts'

export class KeptKernel implements KernelBans {
  readonly name = 'kept'
  readonly isReal = true
  readonly most = 65_536
  readonly #kept = new DryRunBans()
  readonly #foreign = new Map<string, number>()
  #last: KernelElement[] = []
  /** Why every call fails. */
  failure: string | undefined
  /** Transactions that changed something. */
  applied = 0
  /** Times that it was read. */
  listed = 0
  /** Times that all was to be lifted. */
  liftsTried = 0
  #isPrepared = false

  subjects(): string[] {
    return this.#last.map(({ subject }) => subject).sort()
  }

  left(subject: string): number | undefined {
    return this.#last.find((element) => element.subject === subject)?.seconds
  }

  /** As if somebody had added it before we came. */
  put(subject: string, seconds: number): void {
    this.#foreign.set(subject, seconds)
  }

  async flush(): Promise<void> {
    this.#isPrepared = false
    await this.#kept.liftAll()
    this.#last = []
  }

  async probe(): Promise<Usable> {
    return { usable: true }
  }

  async prepare(): Promise<void> {
    this.#check()
    this.#isPrepared = true
  }

  async isPrepared(): Promise<boolean> {
    return this.#isPrepared
  }

  async list(): Promise<KernelElement[]> {
    this.#check()
    this.listed++
    const foreign = [...this.#foreign].map(([subject, seconds]) => ({ subject, seconds }))
    this.#last = [...foreign, ...(await this.#kept.list())]
    return this.#last
  }

  async apply(transaction: Transaction): Promise<Failures> {
    this.#check()
    this.applied++
    for (const { text } of transaction.lift) this.#foreign.delete(text)
    return this.#kept.apply(transaction)
  }

  async liftAll(): Promise<void> {
    this.liftsTried++
    this.#check()
    this.#foreign.clear()
    await this.#kept.liftAll()
  }

  #check(): void {
    if (this.failure !== undefined) throw new KernelFailure(this.failure)
  }
}
