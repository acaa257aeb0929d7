/** Judging: a policy and rules, ready for the detector. What the command line and a configuration file both come to. */
import type { VerdictMap } from '@picket/collector'
import {
  LocalTogether,
  type Method,
  PicketMethod,
  type PicketPolicy,
  PsadMethod,
  type PsadPolicy,
  type Rules,
} from '@picket/detector'
import type { Alert } from '@picket/schemas'

/** A policy by name with its thresholds. */
export type PolicySettings =
  | ({ readonly name: 'picket' } & PicketPolicy)
  | ({ readonly name: 'psad' } & PsadPolicy)

export interface Judging {
  /** As the report names it. */
  readonly policy: string
  readonly settings: PolicySettings
  readonly method: Method
  readonly rules: Rules
  /** What the words of a log prefix say. */
  readonly verdicts: VerdictMap
}

/** The second stage, where the policy has one. */
export function togetherFor(method: Method, onAlert?: (alert: Alert) => void): LocalTogether | undefined {
  return method.together === undefined ? undefined : new LocalTogether({ policy: method.together, onAlert })
}

export function methodFor(settings: PolicySettings, rules: Rules): Method {
  return settings.name === 'psad' ? new PsadMethod(settings) : new PicketMethod(settings, rules)
}
