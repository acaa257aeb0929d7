/** The pure part of the detector: packets in, incidents and alerts out. No process, no clock, no store. */
export type { Method, Scan, Tier } from './detect/method.ts'
export { isFolded, OBSERVATIONS, type Observation } from './detect/observation.ts'
