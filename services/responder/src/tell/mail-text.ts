/** The text twin of a mail. Its lines are safe one by one, so what is quoted cannot begin a section of its own at the margin. */
import type { Notice } from './notice.ts'
import type { Section } from './section.ts'
import { sectionsOf } from './sections.ts'
import { headline } from './words.ts'

export function mailText(notice: Notice, footer: string): string {
  const blocks = sectionsOf(notice).map(sectionText)
  return [headline(notice), ...blocks, `-- \n${footer}`].join('\n\n').concat('\n')
}

function sectionText({ title, facts = [], sentences = [], quoted = [] }: Section): string {
  const width = facts.reduce((most, [label]) => Math.max(most, label.length), 0)
  return [
    title.toUpperCase(),
    ...facts.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`),
    ...sentences.map((text) => `  ${text}`),
    ...quoted.map((line) => `    ${line}`),
  ].join('\n')
}
