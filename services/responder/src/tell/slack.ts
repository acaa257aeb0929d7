/**
 * Slack body for an incoming webhook: text and blocks.
 *
 * `&`, `<` and `>` must be escaped, else a stranger's `<!channel>` wakes everybody. Evidence stands in a code block, where
 * nothing becomes a link; a backtick could end it and is replaced.
 */
import { measureSentence } from './action-section.ts'
import { unbanCommand } from './commands.ts'
import { jsonLine } from './json-line.ts'
import type { IncidentNotice, Notice } from './notice.ts'
import { sectionsOf } from './sections.ts'
import { evidenceLine, headline, many, plain } from './words.ts'

/** Slack refuses a longer section. */
const MAX_SECTION = 3_000
const MAX_TEXT = 2_800
const MAX_EVIDENCE = 5
const MAX_REASONS = 3

export function slackBody(notice: Notice): string {
  const title = headline(notice)
  const blocks = [
    section(`*${escaped(title)}*`),
    ...('alert' in notice ? incidentBlocks(notice) : [codeBlock(otherLines(notice))]),
    ...(notice.remarks.length === 0
      ? []
      : [section(notice.remarks.map((text) => escaped(plain(text))).join('\n'))]),
  ]
  return jsonLine({ text: escaped(title), blocks, unfurl_links: false, unfurl_media: false })
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('`', '’')
}

function incidentBlocks(notice: IncidentNotice): object[] {
  const { alert, decision, enrichment, console } = notice
  const reasons = alert.incident.reasons
    .slice(0, MAX_REASONS)
    .map((reason) => `• ${escaped(plain(reason, 300))}`)
  const known = [
    enrichment.reverseName,
    enrichment.country,
    enrichment.asn === null ? null : `AS${enrichment.asn} ${enrichment.asName ?? ''}`,
    enrichment.abuse,
  ]
  const facts = known.flatMap((text) => (text === null ? [] : [plain(text, 100)]))
  const evidence = (alert.evidence ?? []).slice(0, MAX_EVIDENCE).map(evidenceLine)
  const isWished = decision.outcome === 'banned' || decision.outcome === 'refused'
  const unban = isWished ? unbanCommand(decision.subject) : undefined
  const lines = [...facts, ...evidence, ...(unban === undefined ? [] : [`to lift it: ${unban}`])]
  const link = console === null ? [] : [escaped(plain(console, 300))]
  return [
    section([...reasons, escaped(measureSentence(decision)), ...link].join('\n')),
    ...(lines.length === 0 ? [] : [codeBlock(lines)]),
  ]
}

function otherLines(notice: Notice): string[] {
  const sections = sectionsOf({ ...notice, remarks: [] })
  return sections.flatMap(({ facts = [], sentences = [], quoted = [] }) => [
    ...facts.map(([label, value]) => `${label}: ${value}`),
    ...sentences,
    ...quoted,
  ])
}

/** Whole lines only, as far as they fit: a cut could leave half an escape. */
function codeBlock(lines: readonly string[]): object {
  const shown: string[] = []
  let size = 0
  for (const line of lines.map(escaped)) {
    size += line.length + 1
    if (size > MAX_TEXT) break
    shown.push(line)
  }
  const more = lines.length - shown.length
  return section(
    `\`\`\`\n${[...shown, ...(more > 0 ? [`and ${many(more, 'line')} more`] : [])].join('\n')}\n\`\`\``,
  )
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text: cut(text) || ' ' } }
}

/** Not through an escape, which would then show. */
function cut(text: string): string {
  return text.length <= MAX_SECTION ? text : `${text.slice(0, MAX_SECTION - 1).replace(/&\w{0,4}$/, '')}…`
}
