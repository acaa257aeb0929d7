/**
 * Summary: why the level is what it is, and what the next one takes.
 */
import type { Observation } from '@picket/detector'
import type { Incident } from '@picket/schemas'
import type { PolicySettings } from '../judging.ts'
import { plural, spoken, thousands } from '../terminal/words.ts'
import { MEANING, MEANING_OF_MANY } from './observed.ts'

export function whyLevel(
  standing: Incident | undefined,
  reasons: readonly string[],
  observed: ReadonlyMap<Observation, number>,
): string[] {
  if (standing === undefined) return [whyNoScan(observed)]
  if (standing.level === 0) return ['No level:', ...reasons.map((reason) => `  ${reason}`)]
  const kinds = standing.kinds.map(spoken).join(', ')
  return [`Level ${standing.level}, ${kinds}, because`, ...reasons.map((reason) => `  ${reason}`)]
}

/** No packet was a probe: say what they were. */
function whyNoScan(observed: ReadonlyMap<Observation, number>): string {
  const packets = [...observed.values()].reduce((sum, count) => sum + count, 0)
  if (packets === 0) return 'There is no packet of this source.'
  const classes = [...observed].sort(([, a], [, b]) => b - a)
  const [first] = classes
  if (classes.length === 1 && first !== undefined) {
    return packets === 1
      ? `No level: its one packet is ${MEANING[first[0]]}.`
      : `No level: all ${thousands(packets)} packets are ${MEANING_OF_MANY[first[0]]}.`
  }
  const parts = classes.map(([name, count]) => `${thousands(count)} are ${MEANING_OF_MANY[name]}`)
  return `No level: none of ${plural(packets, 'packet')} is a probe: ${parts.join('; ')}.`
}

export function nextLevel(standing: Incident | undefined, policy: PolicySettings): string[] {
  const level = standing?.level ?? 0
  if (standing === undefined || level === 0 || level >= 5) return []
  const next = level + 1
  if (policy.name === 'psad') {
    const packets = policy[`DANGER_LEVEL${next}` as 'DANGER_LEVEL2']
    const hosts = policy[`DL${next}_UNIQUE_HOSTS` as 'DL2_UNIQUE_HOSTS']
    const byHosts = hosts > 0 ? `, or ${plural(hosts, 'host')} within ${policy.CHECK_INTERVAL} s` : ''
    return [`Level ${next} needs ${plural(packets, 'packet')} to one host${byHosts}.`]
  }
  const contacts = policy.levels.contacts.at(level) ?? 0
  const hosts = policy.levels.hosts.at(level) ?? 0
  const has = `it has ${thousands(standing.contacts)} and ${thousands(standing.hostCount)}`
  return [`Level ${next} needs ${plural(contacts, 'contact')} or ${plural(hosts, 'host')}; ${has}.`]
}

/** That the source takes part in what many do. */
export function partOf({ prefix, target, level, members, kinds, reasons }: Incident): string[] {
  const others = plural(members.length - 1, 'other source')
  const what = `${kinds.map(spoken).join(', ')} of ${prefix} on ${target}`
  return [
    `It is part of a ${what}, level ${level}, with ${others}, because`,
    ...reasons.map((reason) => `  ${reason}`),
  ]
}
