/** The pure part of the responder: alerts in, decisions and words out. */
export { BrokerClock } from './decide/broker-clock.ts'
export {
  type Beat,
  type BlindHost,
  blindHosts,
  FleetBook,
  keyOf,
  MISSED_BEATS,
  type Process,
  type ProcessState,
  statesOf,
  versionsOf,
} from './decide/fleet-book.ts'
export { addTotals, type PartTotals } from './decide/fleet-totals.ts'
export { type BookLimits, DEFAULT_LIMITS, IncidentBook } from './decide/incident-book.ts'
export * from './decide/index.ts'
export { partsOf, type Story } from './decide/part-of.ts'
export {
  type DecisionNote,
  type Judgement,
  QUIET_REASONS,
  type Raised,
  STALE_MS,
  type Standing,
  TELL_REASONS,
  type Told,
  type Weighed,
  weigh,
} from './decide/weigh.ts'
export { alertJson } from './tell/alert-json.ts'
export { alertLine } from './tell/alert-line.ts'
export * from './tell/index.ts'
