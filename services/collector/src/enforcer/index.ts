/**
 * Banning on this host, for whoever composes a process of it: the fleet's enforcer, `HostBans` alone for `picket run`, and what the
 * commands need without either.
 */
export {
  type Chosen,
  candidates,
  chooseFirewall,
  type FirewallSettings,
} from '../adapters/enforcement/choose.ts'
export { KernelFailure } from '../adapters/enforcement/kernel-failure.ts'
export { makeTool, type Tool, type ToolOptions } from '../adapters/enforcement/run-tool.ts'
export { type FactSettings, SystemFacts } from '../adapters/enforcement/system-facts.ts'
export type { BanOutcome, HostWish } from '../enforce/ban-outcome.ts'
export type { Facts, HostFacts } from '../enforce/host-facts.ts'
export type { KernelBans, KernelElement, Transaction } from '../enforce/kernel-bans.ts'
export { NeverBan, type NeverEntry } from '../enforce/never-ban.ts'
export type { Caps } from '../enforce/plan-bans.ts'
export { REFUSALS, type Refusal, type RefusalReason } from '../enforce/refusals.ts'
export { readSubject, type Subject } from '../enforce/subject.ts'
export { type BanFigures, BansEvents } from './bans-events.ts'
export type { Enforcer } from './enforcer.ts'
export { EnforcerEvents } from './enforcer-events.ts'
export { HostBans, type HostBansParts } from './host-bans.ts'
export { NeverList } from './never-list.ts'
export { type EnforcerSettings, HOLD_FILE } from './settings.ts'
export { type StartParts, startEnforcer } from './start-enforcer.ts'
