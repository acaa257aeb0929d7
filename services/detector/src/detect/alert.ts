/** Alerts: one revision of an incident that says something new. Its id is the same on every machine. */
import type { Alert, Incident } from '@picket/schemas'
import { HIGH_SEED, hashText, LOW_SEED, printId } from '@picket/schemas'

/** What is new. */
export interface Alarm {
  readonly opened: boolean
  readonly level: boolean
  readonly kinds: boolean
}

const PARTS = ['opened', 'level', 'kinds'] as const

export function alertFor(alarm: Alarm, revision: number, time: number, incident: Incident): Alert {
  const rose = PARTS.filter((part) => alarm[part])
  const text = JSON.stringify([revision, rose, time, incident])
  return { id: printId(hashText(text, HIGH_SEED), hashText(text, LOW_SEED)), revision, rose, time, incident }
}
