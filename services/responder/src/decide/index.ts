/** Deciding, the pure part: from an alert to whom it is told and whom it bans, and the book of bans. */

export { type AllowEntry, AllowList, canonicalNetwork, sayEntry } from './allow-list.ts'
export * from './allowlist-check.ts'
export {
  BanBook,
  type BanRequest,
  type BanUsage,
  type Placed,
  type Placing,
} from './ban-book.ts'
export { banLength, type PastBan, remembered } from './ban-length.ts'
export { obstacleTo, proofOf } from './ban-obstacle.ts'
export {
  BAN_AUTHORS,
  type BanAuthor,
  type BanRecord,
  bannedUntil,
  inForce,
  nextRevision,
  settled,
  TOMBSTONE_AFTER_MS,
  type Wish,
} from './ban-record.ts'
export { canonicalSubject, covers, subjectOfSource } from './ban-subject.ts'
export { type Asked, Confirmations, type Confirmed, type HostAnswer } from './confirmations.ts'
export { type BanMode, type DecidedBan, type Decision, type DecisionInput, decide } from './decide.ts'
export * from './decision-policy.ts'
export { type EndedBan, endedBans, GoingOn } from './going-on.ts'
export { counting, isLimiting, mailVerdict, NOTHING_TOLD, type ToldCount } from './mail-limits.ts'
export { firstRule, fits } from './match-rule.ts'
export {
  EXTERNAL_SCRIPT,
  PSAD_SWITCHES,
  type PsadSwitches,
  psadDecisions,
  psadRemarks,
} from './psad-switches.ts'
export { DECISION_CODES, type DecisionCode, type Reason, reason, spokenSeconds } from './reason.ts'
export { adopted, checkTopic, type OnTopic, type TopicVerdict } from './topic-check.ts'
export { type Replayed, WhatIf } from './what-if.ts'
export { type WideBan, wideBans } from './widening.ts'
