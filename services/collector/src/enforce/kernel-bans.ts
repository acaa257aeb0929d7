/**
 * KernelBans: the port to whatever drops packets on this host.
 *
 * The kernel holds the state and ends each ban by itself where it can; nobody here counts seconds down. An adapter is told only
 * subjects that were planned (`plan-bans.ts`), keeps everything of its own apart from other people's rules, and never runs a shell.
 */
import type { Subject } from './subject.ts'

export interface KernelElement {
  readonly subject: string
  /** Whole seconds that remain. */
  readonly seconds: number
}

export interface Timed {
  readonly subject: Subject
  readonly seconds: number
  /** It was absent when last listed: it need not be taken out first. */
  readonly isNew?: boolean
}

/** Added, renewed and lifted together: at once where the tool can, in this order elsewhere: lift, set. */
export interface Transaction {
  /** Added, or given this time-out from now on. */
  readonly set: readonly Timed[]
  /** No fault where it is absent. */
  readonly lift: readonly Subject[]
}

/** Subjects that could not be done, each with why; all others were. */
export type Failures = ReadonlyMap<string, string>

export type Usable = { readonly usable: true } | { readonly usable: false; readonly why: string }

export interface KernelBans {
  readonly name: string
  /** False for a dry run: nothing reaches the kernel. */
  readonly isReal: boolean
  /** How many elements it bears. */
  readonly most: number
  /** Can it work here, with the rights that we have? Changes nothing. */
  probe(): Promise<Usable>
  /** Makes what is missing of its table, sets and rules, and lets `never` through before anything else. Keeps all elements. */
  prepare(never: readonly Subject[]): Promise<void>
  /** Cheap: asked each second. False when somebody has flushed it. */
  isPrepared(): Promise<boolean>
  list(): Promise<KernelElement[]>
  /** Reads only these, where that costs less than to list all; undefined when not each of them was found. */
  look?(subjects: readonly Subject[]): Promise<KernelElement[] | undefined>
  apply(transaction: Transaction): Promise<Failures>
  /** Takes away everything of ours, rules too. */
  liftAll(): Promise<void>
}
