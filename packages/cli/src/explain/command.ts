/**
 * `picket explain`: the packets of one source, what each did, and why the level came out as it did.
 */
import { type Prefix, parseAddress, parsePrefix, printPrefix, safeText } from '@picket/schemas'
import { passes } from '../analyze/analysis.ts'
import { openInputs } from '../analyze/inputs.ts'
import { judgingOf } from '../analyze/judging-flags.ts'
import { readSettings } from '../analyze/read-settings.ts'
import { InputReader, readInputs } from '../analyze/reading.ts'
import type { ExplainFlags } from '../commands/explain.ts'
import { WrongUse } from '../failures.ts'
import { incidentDocument, isoTime } from '../report/document.ts'
import { type Page, pageFor } from '../report/page.ts'
import { plural } from '../terminal/words.ts'
import { zoneNamed } from '../zone.ts'
import { Crowd } from './crowd.ts'
import { renderSteps } from './render.ts'
import { Story } from './story.ts'
import { nextLevel, partOf, whyLevel } from './summary.ts'

export async function runExplain(
  source: string,
  files: readonly string[],
  flags: ExplainFlags,
): Promise<void> {
  const prefix = sourcePrefix(source)
  const zone = zoneNamed(flags.tz)
  const judging = await judgingOf(flags)
  const reading = readSettings(flags, zone, judging.verdicts)
  const readers = openInputs(files, Date.now()).map((input) => new InputReader(input, reading))
  const story = new Story(judging)
  const filter = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, source: prefix }
  const crowd = new Crowd(judging)
  const sink = {
    packet: (packet: Parameters<Story['packet']>[0]) => {
      crowd.packet(packet)
      if (passes(filter, packet)) story.packet(packet)
    },
  }
  await readInputs(readers, sink, () => undefined)
  const groups = crowd.incidentsWith(prefix)
  const { incidents, reasons } = story.ending(prefix.address)
  const standing = story.standing(prefix.address)
  const summary = [
    ...whyLevel(standing, reasons, story.observed),
    ...nextLevel(standing, judging.settings),
    ...groups.flatMap(partOf),
  ]
  const text =
    flags.json === true
      ? `${JSON.stringify(
          {
            source: printPrefix(prefix),
            policy: judging.policy,
            packets: story.packets,
            observed: Object.fromEntries(story.observed),
            steps: story.steps.map((step) => ({ ...step, time: isoTime(step.time) })),
            omitted: story.omitted,
            incidents: [...groups, ...incidents].map(incidentDocument),
            level: standing?.level ?? 0,
            reasons,
            summary,
          },
          null,
          2,
        )}\n`
      : renderExplanation(printPrefix(prefix), judging.policy, story, summary, pageFor(flags, zone))
  process.stdout.write(text)
}

function renderExplanation(
  source: string,
  policy: string,
  story: Story,
  summary: readonly string[],
  page: Page,
): string {
  const head = `${page.palette.bold(source)} · ${plural(story.packets, 'packet')} · policy ${safeText(policy)}`
  const steps = renderSteps(story, page)
  return `${[head, '', ...steps, ...(steps.length > 0 ? [''] : []), ...summary.map((line) => safeText(line))].join('\n')}\n`
}

/** One source is an IPv4 address, or the /64 of an IPv6 one: that is what the detector follows. */
export function sourcePrefix(text: string): Prefix {
  const address = parseAddress(text)
  if (address === undefined) throw new WrongUse(`${text} is no address; write 203.0.113.9 or 2001:db8::5`)
  const prefix = parsePrefix(text.includes(':') && !text.includes('.') ? `${text}/64` : text)
  if (prefix === undefined) throw new WrongUse(`${text} is no address`)
  return prefix
}
