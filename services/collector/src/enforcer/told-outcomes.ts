/**
 * What was told of each ban, so that nothing is told twice: also not after a restart, when what was told before is handed in.
 */
import type { BanOutcome } from '../enforce/ban-outcome.ts'

export class ToldOutcomes {
  readonly #keys: Map<string, string>
  readonly #refused = new Set<string>()

  constructor(before: Iterable<readonly [string, string]> = []) {
    this.#keys = new Map(before)
  }

  /** By subject. */
  get keys(): ReadonlyMap<string, string> {
    return this.#keys
  }

  get refused(): number {
    return this.#refused.size
  }

  /** The ones that are news. */
  take(outcomes: readonly BanOutcome[]): BanOutcome[] {
    return outcomes.filter((outcome) => {
      const { subject } = outcome
      if (outcome.outcome === 'refused') this.#refused.add(subject)
      else this.#refused.delete(subject)
      if (this.#keys.get(subject) === keyOf(outcome)) return false
      this.#keys.set(subject, keyOf(outcome))
      return true
    })
  }

  drop(subject: string): void {
    this.#keys.delete(subject)
    this.#refused.delete(subject)
  }

  /** The caps that hold bans back now, in words. */
  brakes(): string[] {
    return ['cap-rate', 'cap-total'].flatMap((reason) => {
      const held = [...this.#refused].filter((subject) => this.#keys.get(subject)?.endsWith(` ${reason}`))
      return held.length === 0 ? [] : [`brake: ${held.length} bans are held back (${reason})`]
    })
  }
}

function keyOf(outcome: BanOutcome): string {
  const reason = outcome.outcome === 'refused' ? outcome.reason : ''
  return `${outcome.revision} ${outcome.outcome} ${reason}`
}
