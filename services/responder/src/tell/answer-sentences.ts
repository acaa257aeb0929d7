/** Why a ban is not on every host: a sentence for each reason, with the hosts that gave it. */
import type { HostAnswer, HostAnswers } from './host-answers.ts'
import { listed, plain } from './words.ts'

const MAX_WHY = 200

export function answerSentences({ refused, failed, missing }: HostAnswers): string[] {
  const have = missing.length === 1 ? 'has' : 'have'
  return [
    ...[...byReason(refused)].map(([why, hosts]) => `${listed(hosts)} refused: ${why}.`),
    ...[...byReason(failed)].map(([why, hosts]) => `${listed(hosts)} could not: ${why}.`),
    ...(missing.length === 0 ? [] : [`${listed(missing)} ${have} not confirmed it yet.`]),
  ]
}

function byReason(answers: readonly HostAnswer[]): Map<string, string[]> {
  const hosts = new Map<string, string[]>()
  for (const { host, why } of answers) {
    const said = plain(why, MAX_WHY).replace(/\.$/, '')
    hosts.set(said, [...(hosts.get(said) ?? []), host])
  }
  return hosts
}
