/**
 * What a topic is, compared with what it must be. Pure.
 *
 * A wrong number of partitions or copies is told and never mended here: the first must not change, the second moves all data.
 */
import { type TopicPlan, widthAdvice } from '@picket/runtime'
import type { FoundTopic } from '@picket/runtime/kafka'

export interface Difference {
  readonly topic: string
  /** `topic`, `partitions`, `replication`, or the name of a setting of the topic. */
  readonly what: string
  readonly found: string | null
  readonly wanted: string
  /** What to do about it. */
  readonly advice: string
  /** `picket topics apply` does it. */
  readonly isMendable: boolean
}

const APPLY = 'run "picket topics apply"'
const REASSIGN = 'move it with kafka-reassign-partitions.sh, or set kafka.replication'

export function differencesOf(plan: TopicPlan, found: FoundTopic | undefined): Difference[] {
  const { topic } = plan
  if (found === undefined) {
    return [{ topic, what: 'topic', found: null, wanted: sizeOf(plan), advice: APPLY, isMendable: true }]
  }
  const fixed = (what: string, is: number, wanted: number, advice: string): Difference[] =>
    is === wanted
      ? []
      : [{ topic, what, found: String(is), wanted: String(wanted), advice, isMendable: false }]
  return [
    ...fixed('partitions', found.partitions, plan.partitions, widthAdvice(found.partitions)),
    ...fixed('replication', found.replication, plan.replication, REASSIGN),
    ...Object.entries(plan.config)
      .filter(([name, wanted]) => found.config[name] !== wanted)
      .map(([what, wanted]) => ({
        ...{ topic, what, found: found.config[what] ?? null, wanted, advice: APPLY },
        isMendable: true,
      })),
  ]
}

export function sizeOf({ partitions, replication }: TopicPlan): string {
  return `${partitions} partitions, ${replication} ${replication === 1 ? 'copy' : 'copies'}`
}

export function printDifference({ topic, what, found, wanted, advice }: Difference): string {
  if (what === 'topic') return `${topic} is missing (${wanted}); ${advice}`
  return `${topic}: ${what} is ${found ?? 'not set'}, not ${wanted}; ${advice}`
}

export function printDone({ topic, what, found, wanted }: Difference): string {
  return what === 'topic'
    ? `made: ${topic} (${wanted})`
    : `set: ${topic}: ${what} from ${found ?? 'nothing'} to ${wanted}`
}
