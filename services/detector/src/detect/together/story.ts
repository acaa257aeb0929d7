/** Story: an incident of many sources, from the judgement that opened it until a day has passed without contacts. */
import type { Cell } from './cell.ts'

export interface Story {
  readonly cell: Cell
  /** Day of event time on which it opened. */
  readonly day: number
  /** The judgement that opened it, for the reasons. */
  readonly finding: Finding
  level: number
  revision: number
  toldLevel: number
  toldSources: number
}

/** What the background test said. */
export interface Finding {
  readonly sources: number
  readonly contacts: number
  readonly distinct: number
  /** How many sources were to be expected. */
  readonly expected: number
  /** Natural logarithm of the chance of so many. */
  readonly lnChance: number
  /** Mean overlap of two sources, 0 to 1. */
  readonly overlap: number
  /** Hosts seen in all, where the target is a port; 0 for a host. */
  readonly fleet: number
}
