/**
 * What was done, and what the reader can do, with the exact commands.
 *
 * In a dry run nothing was done, and every sentence says so: "would have banned".
 */
import { spokenSeconds } from '../decide/reason.ts'
import { answerSentences } from './answer-sentences.ts'
import { allowCommand, banCommand, unbanCommand } from './commands.ts'
import { isNeeded, onHowMany } from './host-answers.ts'
import type { IncidentNotice, Measure } from './notice.ts'
import type { Section } from './section.ts'
import { listed, plain } from './words.ts'

const HOUR = 3_600

export function actionSections(notice: IncidentNotice): Section[] {
  const { decision } = notice
  const reasons = decision.reasons.map((reason) => plain(reason, 300))
  const done: Section = { title: 'What was done', sentences: [...measureSentences(decision), ...reasons] }
  const links = notice.console === null ? [] : [`Console: ${plain(notice.console, 300)}`]
  const sentences = [...links, ...complaint(notice)]
  const quoted = commandsFor(notice)
  if (sentences.length + quoted.length === 0) return [done]
  return [done, { title: 'What you can do', sentences, quoted }]
}

/** E.g. `Would have banned 203.0.113.9 for 1 hour on every host (dry run).`, and what hosts said to it. */
export function measureSentence(decision: Measure): string {
  return measureSentences(decision).join(' ')
}

function measureSentences({ outcome, subject, seconds, hosts, answers }: Measure): string[] {
  if (outcome === 'none' || subject === null) return ['Nothing was banned.']
  const what = `${plain(subject, 60)} for ${spokenSeconds(seconds)}`
  const where = hosts.length === 0 ? 'every host' : listed(hosts)
  if (outcome === 'would-ban')
    return [`Would have banned ${what} on ${where} (dry run: bans are not enabled).`]
  if (answers === undefined) return [`Banned ${what} on ${where}.`]
  const said =
    outcome === 'refused'
      ? `Not banned: ${what} was asked for, and is done on ${onHowMany(answers)}.`
      : `Banned ${what} on ${onHowMany(answers)}.`
  return [said, ...answerSentences(answers)]
}

function commandsFor({ decision, alert }: IncidentNotice): string[] {
  const subject = decision.subject ?? alert.incident.source
  const needed = isNeeded(decision.answers, decision.reasons)
  const all =
    decision.outcome === 'banned' || decision.outcome === 'refused'
      ? [
          ['lift the ban', unbanCommand(subject)],
          ['lift it, and never ban it', allowCommand(subject)],
        ]
      : [
          ['ban it by hand', needed ? undefined : banCommand(subject, decision.seconds || HOUR)],
          ['never ban it', allowCommand(subject)],
        ]
  return all.flatMap(([why, line]) => (line === undefined ? [] : [`${line}    # ${why}`]))
}

/** None about an address that hosts need: who scanned likely forged it. */
function complaint({ enrichment, alert, decision }: IncidentNotice): string[] {
  if (isNeeded(decision.answers, decision.reasons))
    return ['Your hosts need this address: whoever scanned likely did so in its name.']
  if (enrichment.abuse === null || !alert.incident.bannable) return []
  return [`Complain to ${plain(enrichment.abuse)}, with the evidence above.`]
}
