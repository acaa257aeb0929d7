/** The pure part of the detector: packets in, incidents and alerts out. No process, no clock, no store. */
export { type Counts, Detector, type DetectorOptions, MAX_ENDED, MAX_SOURCES } from './detect/detector.ts'
export type { Acceptance, AgentMark } from './detect/fleet/agent-marks.ts'
export { FirstContacts } from './detect/fleet/first-contacts.ts'
export type { FleetAlert } from './detect/fleet/fleet-alert.ts'
export {
  type Adoption,
  type Changes,
  FleetFold,
  type FleetFoldOptions,
  type MessageOutcome,
  type ScanChange,
} from './detect/fleet/fleet-fold.ts'
export { foldLog, type LogMessage, type LogOptions, type LogStory } from './detect/fleet/fold-log.ts'
export type { ReporterClock } from './detect/fleet/reporter-clocks.ts'
export { readStoredScan, ScanWriter, type StoredState } from './detect/fleet/stored-scan.ts'
export { worstFirst } from './detect/incident-order.ts'
export type { Method, Scan, Tier } from './detect/method.ts'
export { isFolded, OBSERVATIONS, type Observation } from './detect/observation.ts'
export { fadedLevel, PicketMethod } from './detect/picket/picket-method.ts'
export { type Ladder, PICKET_POLICY, type PicketPolicy } from './detect/picket/policy.ts'
export { printPorts } from './detect/port-ranges.ts'
export {
  checkPsadPolicy,
  type PolicyFault,
  PSAD_POLICY,
  type PsadPolicy,
  psadRuleSettings,
} from './detect/psad/policy.ts'
export { PsadMethod } from './detect/psad/psad-method.ts'
export type { Assignment } from './detect/rules/assignments.ts'
export { type AutoDl, type AutoDlFault, type HostAssignment, parseAutoDl } from './detect/rules/auto-dl.ts'
export type { IgnoreSettings } from './detect/rules/ignore.ts'
export type { RuleFault } from './detect/rules/networks.ts'
export {
  type AssignmentSettings,
  assignmentOf,
  compileRules,
  isAllowed,
  isHome,
  isIgnored,
  NO_RULES,
  type RuleSettings,
  type Rules,
} from './detect/rules/rules.ts'
export { addressOf, prefixOf } from './detect/scan.ts'
export { isPrivate, isSpecial } from './detect/special-address.ts'
export { techniqueNames, techniqueOf } from './detect/technique.ts'
export { type Contact, fillContact, isOwn, newContact, RANKED, TARGETS } from './detect/together/contact.ts'
export type { ContactMessage } from './detect/together/contact-message.ts'
export { type Change, FleetTogether, type Observed } from './detect/together/fleet-together.ts'
export { type LocalState, LocalTogether } from './detect/together/local-together.ts'
export { isToldBy, withoutMembers } from './detect/together/members.ts'
export { TOGETHER_POLICY, type TogetherPolicy } from './detect/together/policy.ts'
export { StoredStateError } from './detect/together/stored.ts'
export { type Target, targetPartition } from './detect/together/target.ts'
