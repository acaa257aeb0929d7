/** Decisions for tests: an alert and all that a decision looks at, with what the test is about put in. */
import type { Alert, Incident } from '@picket/schemas'
import {
  AllowList,
  type BanPolicy,
  DEFAULT_BAN_POLICY,
  DEFAULT_DECISIONS,
  type Decision,
  type DecisionInput,
  type DecisionPolicy,
  type DecisionRule,
  decide,
  NOTHING_TOLD,
} from '../../src/index.ts'
import { alertOf } from '../alerts.ts'

export const NOW: number = Date.UTC(2026, 10, 23, 15, 33)

export const BAN_RULE: DecisionRule = {
  name: 'ban',
  when: { level: 3 },
  tell: ['*'],
  page: false,
  banSeconds: 3_600,
  banHosts: [],
}

export function policyOf(rules: readonly DecisionRule[], bans: Partial<BanPolicy> = {}): DecisionPolicy {
  return { ...DEFAULT_DECISIONS, rules, bans: { ...DEFAULT_BAN_POLICY, ...bans } }
}

export function inputOf(incident: Partial<Incident>, part: Partial<DecisionInput> = {}): DecisionInput {
  return {
    alert: alertOf(incident),
    judgement: { tell: true, reason: 'opened' },
    channels: ['ops'],
    told: NOTHING_TOLD,
    past: [],
    bannedUntil: undefined,
    allow: new AllowList(),
    mode: 'enabled',
    now: NOW,
    ...part,
  }
}

/** With the rule that bans at level 3 for an hour. */
export function decided(incident: Partial<Incident>, part: Partial<DecisionInput> = {}): Decision {
  return decide(inputOf(incident, part), policyOf([BAN_RULE]))
}

export function codes({ reasons }: Decision): string[] {
  return reasons.map(({ code }) => code)
}

export function withPrefix(alert: Alert, prefix: string): Alert {
  const packet = {
    ...{ time: alert.time, reporter: 'web1', src: '203.0.113.9', dst: '10.0.0.5', proto: 6, spt: 1, dpt: 22 },
    ...{ flags: 2, icmpType: -1, icmpCode: -1, len: 60, ttl: 50 },
  }
  return { ...alert, evidence: [{ ...packet, prefix }] }
}
