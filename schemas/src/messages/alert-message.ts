/**
 * Alert message: an alert as it crosses processes, and back.
 *
 * On the wire kinds, levels and what rose are plain texts and numbers, so that a newer detector can have more of them. What
 * this release does not know is left out, never guessed: the incident still stands, with its reasons in words.
 */
import { ALERT_PARTS, type Alert, type DangerLevel, KINDS } from '../incident.ts'
import type { AlertMessage } from './alert.ts'

const MAX_LEVEL = 5

/** `logged` is the broker's time of the packet that caused it; 0 when unknown. */
export function alertMessage(alert: Alert, logged = 0): AlertMessage {
  return { ...alert, logged, evidence: alert.evidence ?? [] }
}

export function alertOf(message: AlertMessage): Alert {
  const { logged: _, evidence, incident, ...rest } = message
  return {
    ...rest,
    rose: known(ALERT_PARTS, message.rose),
    incident: {
      ...incident,
      kinds: known(KINDS, incident.kinds),
      level: Math.min(Math.max(incident.level, 0), MAX_LEVEL) as DangerLevel,
      ports: { ...incident.ports },
      signatures: incident.signatures.map((signature) => ({ ...signature })),
    },
    ...(evidence.length > 0 && { evidence: evidence.map((packet) => ({ ...packet })) }),
  }
}

function known<T extends string>(all: readonly T[], texts: readonly string[]): T[] {
  return texts.filter((text): text is T => (all as readonly string[]).includes(text))
}
