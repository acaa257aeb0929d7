/** Digest: many incidents as one mail, a line each, worst first; what does not fit is counted. */
import { plainTime } from './instant.ts'
import type { DigestEntry, DigestNotice } from './notice.ts'
import type { Section } from './section.ts'
import { doings, kindWords, many, plain } from './words.ts'

const MAX_ENTRIES = 100
const MAX_WHO = 45

export function digestSections({ since, time, entries, unlisted, operational }: DigestNotice): Section[] {
  const shown = entries.slice(0, MAX_ENTRIES)
  const short = entries.length - shown.length
  const notListed = [
    ...(short > 0 ? [`${many(short, 'incident')} more, none of them worse than the last of the list.`] : []),
    ...(unlisted.notices > 0
      ? [`${many(unlisted.notices, 'notice')} of more incidents, up to level ${unlisted.level}.`]
      : []),
  ]
  const counted: Section = {
    title: 'What',
    facts: [['from', plainTime(since)], ['to', plainTime(time)], ...levelCounts(entries)],
    sentences: notListed,
  }
  return [
    counted,
    ...(shown.length === 0 ? [] : [{ title: 'Incidents', quoted: shown.map(entryLine) }]),
    ...(operational.length === 0
      ? []
      : [{ title: 'About Picket itself', sentences: operational.map((text) => plain(text, 300)) }]),
    ...(shown.length === 0 ? [] : [MORE]),
  ]
}

const MORE: Section = {
  title: 'What you can do',
  sentences: [],
  quoted: ['picket status --source ADDRESS', 'picket explain ADDRESS', 'picket bans'],
}

function levelCounts(entries: readonly DigestEntry[]): [string, string][] {
  return [5, 4, 3, 2, 1, 0].flatMap((level) => {
    const count = entries.filter((entry) => entry.level === level).length
    return count === 0 ? [] : [[`level ${level}`, many(count, 'incident')] as [string, string]]
  })
}

const OUTCOMES = {
  banned: ', banned',
  refused: ', refused by every host',
  'would-ban': ', would have been banned (dry run)',
  none: '',
} as const

function entryLine(entry: DigestEntry): string {
  const who = plain(entry.who, MAX_WHO).padEnd(16)
  return `level ${entry.level} ${who} ${kindWords(entry.kinds)} (${doings(entry)})${OUTCOMES[entry.outcome]}`
}
