/**
 * One round: plan, change the kernel, read it back, say what became of each wish.
 *
 * A round about some subjects works from the last listing; a whole one lists the kernel, learns the host's facts anew, and makes what
 * is missing of our table.
 */
import { failpoint } from '@picket/runtime'
import { type BanOutcome, type HostWish, outcomesOf } from '../enforce/ban-outcome.ts'
import type { Failures, KernelBans, KernelElement } from '../enforce/kernel-bans.ts'
import { nextWake } from '../enforce/next-wake.ts'
import { type BanPlan, type Caps, LONGEST_SECONDS, planBans, type Wished } from '../enforce/plan-bans.ts'
import { spanAt } from '../enforce/wish-book.ts'
import { KernelView } from './kernel-view.ts'
import type { NeverList } from './never-list.ts'

export interface RoundParts {
  readonly kernel: KernelBans
  readonly never: NeverList
  readonly caps: Omit<Caps, 'longestSeconds'>
  readonly now: () => number
}

export interface RoundResult {
  readonly outcomes: readonly BanOutcome[]
  /** Subjects that the kernel did not take. */
  readonly failed: number
  /** By `now`: when time alone calls for another one. */
  readonly wakeAt: number
}

/** The host's facts and the listing are new enough for this long. */
const READY_MS = 3_000
/** They are arguments of a command. */
const FEW = 32

export class BanRounds {
  readonly wishes: Map<string, HostWish> = new Map()
  readonly #parts: RoundParts
  readonly #view = new KernelView()
  #neverInKernel: string | undefined
  /** By the monotonic clock. */
  #readyUntil = 0
  /** Until then only what must never be banned is lifted. */
  knowsAll = false

  constructor(parts: RoundParts) {
    this.#parts = parts
  }

  get inKernel(): number {
    return this.#view.count()
  }

  async some(subjects: ReadonlySet<string>): Promise<RoundResult> {
    await this.#parts.never.learnAdmins()
    const considered = this.#considered(subjects)
    const wishes = [...considered].flatMap((subject) => this.wishes.get(subject) ?? [])
    return this.#carryOut(wishes, this.#view.only(considered))
  }

  async all(): Promise<RoundResult> {
    if (performance.now() < this.#readyUntil) await this.#parts.never.learnAdmins()
    else await this.getReady()
    this.#readyUntil = 0
    return this.#carryOut([...this.wishes.values()], this.#view.all())
  }

  /** What a whole round does before it looks at wishes: may run while these are still verified. */
  async getReady(): Promise<void> {
    await this.#parts.never.learnAll()
    await this.#prepare()
    this.#readyUntil = performance.now() + READY_MS
  }

  /** Reads the kernel once: a big listing takes as long as adding all of it. */
  async #prepare(): Promise<void> {
    const { kernel, never, now } = this.#parts
    const subjects = never.at(now()).subjects()
    const text = subjects.map((subject) => subject.text).join(' ')
    if (text === this.#neverInKernel) {
      this.#view.take(await kernel.list())
      if (await kernel.isPrepared()) return
    }
    this.#neverInKernel = undefined
    await kernel.prepare(subjects)
    this.#neverInKernel = text
    this.#view.take(await kernel.list())
  }

  /** Prefixes are planned together, since they may cover each other. */
  #considered(subjects: ReadonlySet<string>): ReadonlySet<string> {
    if (![...subjects].some(isNet)) return subjects
    return new Set([
      ...subjects,
      ...[...this.wishes.keys()].filter(isNet),
      ...[...this.#view.subjects()].filter(isNet),
    ])
  }

  async #carryOut(wishes: readonly HostWish[], held: readonly KernelElement[]): Promise<RoundResult> {
    const { kernel, now } = this.#parts
    const planned = now()
    const plan = this.#plan(wishes, held, planned)
    const isChange = plan.add.length + plan.renew.length + plan.lift.length > 0
    if (isChange) failpoint('enforcer.planned')
    const failures = isChange
      ? await kernel.apply({ set: [...plan.add, ...plan.renew], lift: plan.lift })
      : new Map<string, string>()
    if (isChange) failpoint('enforcer.applied')
    if (isChange) await this.#readBack(plan, failures)
    const present = this.#view.subjects()
    const outcomes = outcomesOf({ wishes, plan, failures, present, isReal: kernel.isReal, now: now() })
    return { outcomes, failed: failures.size, wakeAt: nextWake(wishes, planned) }
  }

  /** A few hosts that were added are looked at by themselves: among thousands a listing takes longer than all else. */
  async #readBack({ add, renew, lift }: BanPlan, failures: Failures): Promise<void> {
    const { kernel } = this.#parts
    const set = [...add, ...renew].map(({ subject }) => subject)
    const isPlain = lift.length === 0 && failures.size === 0 && set.length <= FEW
    const seen = isPlain ? await kernel.look?.(set) : undefined
    if (seen === undefined) this.#view.take(await kernel.list())
    else this.#view.put(seen)
  }

  #plan(wishes: readonly HostWish[], held: readonly KernelElement[], at: number): BanPlan {
    const { caps, kernel, never } = this.#parts
    const wished = wishes.flatMap(({ subject, spans, admittedAt }): Wished[] => {
      const span = spanAt(spans, at)
      return span === undefined ? [] : [{ subject, until: span.until, admittedAt }]
    })
    const plan = planBans({
      wished,
      kernel: held,
      never: never.at(at),
      caps: { ...caps, total: Math.min(caps.total, kernel.most), longestSeconds: LONGEST_SECONDS },
      now: at,
      others: this.inKernel - held.length,
    })
    return this.knowsAll ? plan : { ...plan, lift: plan.lift.filter(({ text }) => isProtected(text, plan)) }
  }
}

function isProtected(subject: string, { refused }: BanPlan): boolean {
  return refused.some((refusal) => refusal.subject === subject && !PASSING.has(refusal.reason))
}

/** Reasons that do not speak against what is there already. */
const PASSING: ReadonlySet<string> = new Set(['expired', 'cap-rate', 'cap-total'])

function isNet(subject: string): boolean {
  return subject.includes('/')
}
