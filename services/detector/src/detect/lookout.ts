/**
 * Lookout: what the rules and the method say of a packet by itself, before any scan is touched.
 *
 * Ask for `assigned` right after `look`: it is that packet's.
 */
import type { Packet } from '@picket/schemas'
import type { Method, Scan } from './method.ts'
import { isFolded, type Observation } from './observation.ts'
import { assignmentOf, isIgnored, type Rules } from './rules/rules.ts'

export class Lookout<S extends Scan> {
  /** The level that an assignment gives the source of the last packet that is to be folded; -1 without one. */
  assigned = -1
  private readonly method: Method<S>
  private readonly rules: Rules

  constructor(method: Method<S>, rules: Rules) {
    this.method = method
    this.rules = rules
  }

  look(packet: Packet): Observation {
    if (isIgnored(this.rules, packet)) return 'ignored'
    const observation = this.method.classify(packet)
    if (!isFolded(observation)) return observation
    this.assigned = assignmentOf(this.rules, packet)
    return this.assigned === 0 ? 'ignored' : observation
  }
}
