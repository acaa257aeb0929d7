/**
 * What was done, and what the reader can do, with the exact commands.
 *
 * In a dry run nothing was done, and every sentence says so: "would have banned".
 */
import { allowCommand, banCommand, unbanCommand } from './commands.ts'
import type { IncidentNotice, Measure } from './notice.ts'
import type { Section } from './section.ts'
import { duration, listed, plain } from './words.ts'

const HOUR = 3_600

export function actionSections(notice: IncidentNotice): Section[] {
  const { decision } = notice
  const reasons = decision.reasons.map((reason) => plain(reason, 300))
  const done: Section = { title: 'What was done', sentences: [measureSentence(decision), ...reasons] }
  const links = notice.console === null ? [] : [`Console: ${plain(notice.console, 300)}`]
  const sentences = [...links, ...complaint(notice)]
  const quoted = commandsFor(notice)
  if (sentences.length + quoted.length === 0) return [done]
  return [done, { title: 'What you can do', sentences, quoted }]
}

/** One sentence, e.g. `Would have banned 203.0.113.9 for 1 hour on every host (dry run).` */
export function measureSentence(decision: Measure): string {
  if (decision.outcome === 'none' || decision.subject === null) return 'Nothing was banned.'
  const where = decision.hosts.length === 0 ? 'every host' : listed(decision.hosts)
  const what = `${plain(decision.subject, 60)} for ${duration(decision.seconds)} on ${where}`
  return decision.outcome === 'banned'
    ? `Banned ${what}.`
    : `Would have banned ${what} (dry run: bans are not enabled).`
}

function commandsFor({ decision, alert }: IncidentNotice): string[] {
  const subject = decision.subject ?? alert.incident.source
  const all =
    decision.outcome === 'banned'
      ? [
          ['lift the ban', unbanCommand(subject)],
          ['lift it, and never ban it', allowCommand(subject)],
        ]
      : [
          ['ban it by hand', banCommand(subject, decision.seconds || HOUR)],
          ['never ban it', allowCommand(subject)],
        ]
  return all.flatMap(([why, line]) => (line === undefined ? [] : [`${line}    # ${why}`]))
}

function complaint({ enrichment, alert }: IncidentNotice): string[] {
  if (enrichment.abuse === null || !alert.incident.bannable) return []
  return [`Complain to ${plain(enrichment.abuse)}, with the evidence above.`]
}
