/**
 * Script call: what an admin's program is given of a notice: arguments, environment, and the notice as JSON for its standard input.
 *
 * The arguments are the admin's, and only psad's word SRCIP in them is replaced, by the address as we print it. Nothing of a stranger is an
 * argument; what is in the environment is short, visible text, and no shell ever reads any of it.
 */
import { parseAddress, printAddress } from '@picket/schemas'
import { jsonLine } from './json-line.ts'
import { type Notice, whoOf } from './notice.ts'
import { noticeJson } from './notice-json.ts'
import { levelOf } from './severity.ts'
import { headline, plain } from './words.ts'

export interface ScriptCall {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly input: string
}

const SOURCE_WORD = 'SRCIP'

/** Undefined where the arguments want a source, and the notice is about none. */
export function scriptCall(notice: Notice, args: readonly string[]): ScriptCall | undefined {
  const source = sourceOf(notice)
  if (source === undefined && args.some((arg) => arg.includes(SOURCE_WORD))) return undefined
  return {
    args: args.map((arg) => arg.replaceAll(SOURCE_WORD, source ?? '')),
    env: { ...envOf(notice), ...(source === undefined ? {} : { PICKET_SOURCE: source }) },
    input: `${jsonLine(noticeJson(notice))}\n`,
  }
}

function sourceOf(notice: Notice): string | undefined {
  const source = 'alert' in notice ? notice.alert.incident.source : null
  const address = source === null ? undefined : parseAddress(source)
  return address === undefined ? undefined : printAddress(address)
}

function envOf(notice: Notice): Record<string, string> {
  const base = {
    PICKET_KIND: notice.kind,
    PICKET_NOTICE: plain(notice.id),
    PICKET_LEVEL: String(levelOf(notice)),
    PICKET_SUMMARY: plain(headline(notice)),
  }
  if (!('alert' in notice)) return base
  const { incident } = notice.alert
  return {
    ...base,
    PICKET_INCIDENT: plain(incident.id),
    PICKET_WHO: plain(whoOf(incident)),
    PICKET_KINDS: incident.kinds.join(','),
    PICKET_OUTCOME: notice.decision.outcome,
  }
}
