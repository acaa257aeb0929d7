/** `picket explain SOURCE` without files: asks the responder what was decided about the source, and prints why. */
import { printPrefix, safeText } from '@picket/schemas'
import { sourcePrefix } from '../explain/command.ts'
import { type AskFlags, askResponder, printJson } from './ask.ts'
import type { ExplainedIncident, SourceExplained } from './explain.ts'

export async function runExplainFleet(source: string, flags: AskFlags): Promise<void> {
  sourcePrefix(source)
  const request = { command: 'explain', source } as { command: string }
  const answer = await askResponder<SourceExplained>(flags, request)
  if (flags.json === true) return printJson(answer)
  const lines = [headOf(answer), ...answer.incidents.flatMap(linesOf)]
  if (answer.incidents.length === 0)
    lines.push(`No incident is known of ${printPrefix(sourcePrefix(source))}.`)
  process.stdout.write(`${lines.map((line) => safeText(line)).join('\n')}\n`)
}

function headOf({ source, ban, bansBefore, allowedBy }: SourceExplained): string {
  const now = ban === null ? 'not banned' : `banned until ${ban.until} (${ban.why.join('; ')})`
  const before = bansBefore === 0 ? '' : `, ${bansBefore} bans before`
  return `${source}: ${now}${before}${allowedBy === null ? '' : `, allowed by ${allowedBy}`}`
}

function linesOf({ id, level, kinds, firstSeen, lastSeen, reasons, decisions }: ExplainedIncident): string[] {
  return [
    `incident ${id}: level ${level}, ${kinds.join(', ') || 'scan'}, ${firstSeen} to ${lastSeen}`,
    ...reasons.map((text) => `  ${text}`),
    ...decisions.flatMap(({ at, level: then, told, reasons: why }) => [
      `  decided at ${at}, level ${then}${told.length === 0 ? '' : `, told to ${told.join(', ')}`}:`,
      ...why.map(({ code, text }) => `    ${text} [${code}]`),
    ]),
  ]
}
