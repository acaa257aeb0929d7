/** Alerts and heartbeats for tests of the books: what the test is about is put in. */
import type { Beat, Raised } from '../../src/index.ts'

export const HOUR = 3_600_000
export const NOW: number = Date.UTC(2026, 10, 23, 15)

export interface AlertPart {
  readonly incident?: string
  readonly revision?: number
  readonly level?: number
  readonly kinds?: readonly string[]
  readonly time?: number
}

export function raised({
  incident = 'a',
  revision = 1,
  level = 1,
  kinds = ['vertical_scan'],
  time = NOW,
}: AlertPart): Raised {
  const id = `${incident}/${revision}/${level}/${kinds.join()}/${time}`
  return { id, revision, time, incident: { id: incident, kinds, level, lastSeen: time } }
}

export interface BeatPart {
  readonly service?: string
  readonly instance?: string
  readonly reporter?: string
  readonly version?: string
  readonly time?: number
  readonly started?: number
  readonly everyMs?: number
  readonly state?: string
}

export function beat(part: BeatPart = {}): Beat {
  const { service = 'collector', instance = '1', reporter = 'web1', version = '1.0.0', time = NOW } = part
  const { started = NOW - HOUR, everyMs = 1_000, state = 'running' } = part
  const heartbeat = { started, everyMs, state, faults: [], numbers: {} }
  return { service, instance, reporter, version, time, heartbeat }
}
