/**
 * Open story: an incident that was told where its end must be told as well, and whether it is over.
 *
 * It is over when its source has been quiet for long enough and no ban of it is in force: one that is banned is quiet because it is shut out.
 */
import type { IncidentNotice, Measure } from './notice.ts'

export interface OpenStory {
  readonly incident: string
  readonly channels: readonly string[]
  /** Whose ban keeps it open; null where there is none to ban. */
  readonly subject: string | null
  readonly lastSeen: number
  /** As it was told last. */
  readonly decision: Measure
}

/** Undefined where nobody is told of its end. */
export function openStory(
  { alert, decision }: IncidentNotice,
  channels: readonly string[],
  subject: string | null,
): OpenStory | undefined {
  const { id, lastSeen } = alert.incident
  return channels.length === 0 ? undefined : { incident: id, channels, subject, lastSeen, decision }
}

export interface Ending {
  readonly now: number
  readonly quietMs: number
  readonly bannedUntil: number | undefined
}

export function isOver({ lastSeen }: OpenStory, { now, quietMs, bannedUntil }: Ending): boolean {
  return now - lastSeen > quietMs && (bannedUntil === undefined || bannedUntil <= now)
}
