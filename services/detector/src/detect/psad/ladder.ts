/** Ladder: the counts at which psad's danger levels begin. */
import type { DangerLevel } from '@picket/schemas'
import { HOST_RUNGS, PACKET_RUNGS, type PsadPolicy } from './policy.ts'

/** The least count of each level, by level - 1. */
export type Ladder = readonly number[]

export function packetLadder(policy: PsadPolicy): Ladder {
  return PACKET_RUNGS.map((name) => policy[name])
}

/** 0 switches a rung off; with DL1_UNIQUE_HOSTS off there are no sweeps at all: the other rungs stand on it. */
export function hostLadder(policy: PsadPolicy): Ladder {
  return HOST_RUNGS.map((name) => rung(policy.DL1_UNIQUE_HOSTS === 0 ? 0 : policy[name]))
}

function rung(count: number): number {
  return count === 0 ? Number.POSITIVE_INFINITY : count
}

export function climb(ladder: Ladder, count: number): DangerLevel {
  let level = ladder.length
  while (level > 0 && count < (ladder[level - 1] as number)) level--
  return level as DangerLevel
}
