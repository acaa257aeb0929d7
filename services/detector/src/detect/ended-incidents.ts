/**
 * EndedIncidents: stories that are over, kept for the report. Bounded: when full, the oldest of the lowest level
 * goes, and is counted.
 */
import type { Incident } from '@picket/schemas'

const LEVELS = 6

export class EndedIncidents {
  dropped = 0
  private readonly limit: number
  private size = 0
  /** By level, in the order of their ends. */
  private readonly levels: Incident[][] = Array.from({ length: LEVELS }, () => [])

  constructor(limit: number) {
    this.limit = limit
  }

  add(incident: Incident): void {
    this.levels[incident.level]?.push(incident)
    this.size++
    if (this.size > this.limit) this.drop()
  }

  all(): Incident[] {
    return this.levels.flat()
  }

  private drop(): void {
    this.levels.find((incidents) => incidents.length > 0)?.shift()
    this.size--
    this.dropped++
  }
}
