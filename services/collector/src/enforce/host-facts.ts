/**
 * HostFacts: the port to what this host knows of itself, and must therefore never ban.
 */
import type { NeverEntry } from './never-ban.ts'

export interface Facts {
  readonly entries: readonly NeverEntry[]
  /** What could not be learned, in words; the last known answer holds then. */
  readonly faults: readonly string[]
}

export interface HostFacts {
  /** All of it, whoever is logged in too; asked each minute. */
  read(): Promise<Facts>
  /** Only who is logged in; asked before each ban, so it must be quick. */
  readAdmins(): Promise<readonly NeverEntry[]>
}
