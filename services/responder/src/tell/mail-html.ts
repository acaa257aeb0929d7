/**
 * The HTML twin of a mail: tables and inline styles, as mail programs want it; no image, link, script or style of another place.
 */
import { type Html, html } from './html.ts'
import type { Notice } from './notice.ts'
import type { Section } from './section.ts'
import { sectionsOf } from './sections.ts'
import { levelOf } from './severity.ts'
import { headline } from './words.ts'

/** From calm to loud, by level. */
const BARS = [
  html`<td style="background:#5f6b7a;height:6px;font-size:0">&nbsp;</td>`,
  html`<td style="background:#2f6fab;height:6px;font-size:0">&nbsp;</td>`,
  html`<td style="background:#2f6fab;height:6px;font-size:0">&nbsp;</td>`,
  html`<td style="background:#b7791f;height:6px;font-size:0">&nbsp;</td>`,
  html`<td style="background:#c53030;height:6px;font-size:0">&nbsp;</td>`,
  html`<td style="background:#9b1c1c;height:6px;font-size:0">&nbsp;</td>`,
] as const

export function mailHtml(notice: Notice, footer: string): string {
  const title = headline(notice)
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>
<body style="margin:0;padding:16px;background:#f3f4f6;color:#1f2933;font:14px/1.5 sans-serif">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:760px;margin:0 auto;background:#ffffff;border-collapse:collapse">
<tr>${BARS[levelOf(notice)] ?? BARS[5]}</tr>
<tr><td style="padding:16px 20px 4px;font-size:18px;font-weight:bold">${title}</td></tr>
${sectionsOf(notice).map(sectionRow)}
<tr><td style="padding:16px 20px;color:#5f6b7a;font-size:12px">${footer}</td></tr>
</table></body></html>
`.toString()
}

function sectionRow({ title, facts = [], sentences = [], quoted = [] }: Section): Html {
  return html`<tr><td style="padding:12px 20px 0">
<div style="font-weight:bold;border-bottom:1px solid #d9dee4;padding-bottom:2px">${title}</div>
${facts.length === 0 ? [] : [factsTable(facts)]}${sentences.map(sentence)}${quoted.length === 0 ? [] : [block(quoted)]}</td></tr>
`
}

function factsTable(facts: readonly (readonly [string, string])[]): Html {
  return html`<table role="presentation" cellpadding="0" cellspacing="0" style="border-collapse:collapse">${facts.map(factRow)}</table>`
}

function factRow([label, value]: readonly [string, string]): Html {
  return html`<tr><td style="padding:2px 12px 2px 0;color:#5f6b7a;vertical-align:top;white-space:nowrap">${label}</td><td style="padding:2px 0;word-break:break-word">${value}</td></tr>`
}

function sentence(text: string): Html {
  return html`<div style="padding:2px 0">${text}</div>`
}

function block(lines: readonly string[]): Html {
  return html`<pre style="margin:6px 0 0;padding:8px;background:#f3f4f6;font:12px/1.5 monospace;white-space:pre-wrap;word-break:break-word">${lines.join('\n')}</pre>`
}
