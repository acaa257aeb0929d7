/**
 * Incident book: how every incident of one partition stands, and what was told of it.
 *
 * What is weighed is only pencilled in until `keep`, since the store may refuse it: were it in the book already, the same
 * alert would come again as a known one and never be told.
 */
import { type DecisionNote, type Judgement, type Raised, type Standing, weigh } from './weigh.ts'

export interface BookLimits {
  /** How long an incident is kept after it was last seen. */
  readonly keptMs: number
  /** Incidents kept at most; those last seen longest ago go first. */
  readonly most: number
}

export const DEFAULT_LIMITS: BookLimits = { keptMs: 30 * 86_400_000, most: 10_000 }

const KEPT_DECISIONS = 3
/** Looking for old incidents passes over all of them: not with every alert. */
const SWEEP_MS = 60_000

export class IncidentBook {
  readonly #limits: BookLimits
  #standings: Map<string, Standing> = new Map()
  readonly #pencilled: Map<string, Standing> = new Map()
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(limits: BookLimits = DEFAULT_LIMITS) {
    this.#limits = limits
  }

  get size(): number {
    return this.#standings.size
  }

  standing(incident: string): Standing | undefined {
    return this.#pencilled.get(incident) ?? this.#standings.get(incident)
  }

  /** Takes in what the store holds. */
  restore(standing: Standing): void {
    this.#standings.set(standing.incident, standing)
  }

  /** What is to be stored is in `standing` afterwards, where the alert changed something. */
  weigh(raised: Raised, now: number): Judgement {
    const { judgement, standing } = weigh(this.standing(raised.incident.id), raised, now)
    if (standing !== undefined) this.#pencilled.set(standing.incident, standing)
    return judgement
  }

  /** Keeps with the incident what was decided about it; call between `weigh` and `keep`. */
  noteDecision(incident: string, note: DecisionNote): void {
    const standing = this.#pencilled.get(incident)
    if (standing === undefined) return
    const decisions = [...(standing.decisions ?? []), note].slice(-KEPT_DECISIONS)
    this.#pencilled.set(incident, { ...standing, decisions })
  }

  /** What was weighed since the last `keep` or `discard`. */
  get changed(): readonly Standing[] {
    return [...this.#pencilled.values()]
  }

  keep(): void {
    for (const [incident, standing] of this.#pencilled) this.#standings.set(incident, standing)
    this.#pencilled.clear()
  }

  discard(): void {
    this.#pencilled.clear()
  }

  /** Takes out of the book what is too old or too much, and names it. */
  forget(now: number): string[] {
    const { keptMs, most } = this.#limits
    const isTooMany = this.#standings.size > most
    if (!isTooMany && now - this.#sweptAt < SWEEP_MS) return []
    this.#sweptAt = now
    const newestFirst = [...this.#standings.values()].sort(
      (a, b) => b.lastSeen - a.lastSeen || (a.incident < b.incident ? -1 : 1),
    )
    const isKept = ({ lastSeen }: Standing, at: number): boolean => at < most && now - lastSeen <= keptMs
    const gone = newestFirst.filter((standing, at) => !isKept(standing, at))
    for (const { incident } of gone) this.#standings.delete(incident)
    return gone.map(({ incident }) => incident)
  }
}
