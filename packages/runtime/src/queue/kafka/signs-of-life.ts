/**
 * Signs of life of a group's member, also while its readers are busy for long.
 *
 * Brokers that cannot be reached are no reason to stop working, until the group must have taken us for dead.
 */
import { pause } from '../../back-off.ts'
import { typeOf } from './faults.ts'
import type { GroupMember } from './group-member.ts'

const MOST_MS = 3000
const COMMIT_EACH_MS = 5000

/** To be joined again as the same member. */
const CHANGED = new Set([
  'REBALANCE_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
])
/** We are no member any more, or one of an earlier generation: others may have had our partitions. */
const EXPELLED = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'])

export function isChange(thrown: unknown): boolean {
  return CHANGED.has(typeOf(thrown) ?? '')
}

export function isAboutGroup(thrown: unknown): boolean {
  return isChange(thrown) || EXPELLED.has(typeOf(thrown) ?? '')
}

export function signEveryMs(sessionMs: number): number {
  return Math.min(MOST_MS, sessionMs / 4)
}

export interface Life {
  readonly member: GroupMember
  readonly sessionMs: number
  readonly stopped: AbortSignal
  recover(thrown: unknown): Promise<void>
  commit(): Promise<void>
}

/** Resolves when it is stopped; rejects with what has changed in the group, or that it is out of reach. */
export async function showLife(life: Life): Promise<void> {
  let heardAt = performance.now()
  let committedAt = heardAt
  while (!life.stopped.aborted) {
    await pause(signEveryMs(life.sessionMs), life.stopped)
    if (life.stopped.aborted) return
    heardAt = (await showSign(life, heardAt)) ? performance.now() : heardAt
    if (performance.now() - committedAt < COMMIT_EACH_MS) continue
    committedAt = performance.now()
    await life.commit()
  }
}

async function showSign({ member, sessionMs, recover }: Life, heardAt: number): Promise<boolean> {
  try {
    await member.heartbeat()
    return true
  } catch (thrown) {
    if (isAboutGroup(thrown) || performance.now() - heardAt > sessionMs) throw thrown
    await recover(thrown)
    return false
  }
}
