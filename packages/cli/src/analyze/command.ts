/**
 * `picket analyze`: from the command line's words to the report.
 */
import { DEFAULT_VERDICTS } from '@picket/collector'
import { type Prefix, parsePrefix, safeText } from '@picket/schemas'
import type { AnalyzeFlags } from '../commands/analyze.ts'
import { EXIT, WrongUse } from '../failures.ts'
import { load } from '../loading.ts'
import type { ReportDocument } from '../report/document.ts'
import { writeAll } from '../terminal/write.ts'
import { type Zone, zoneNamed } from '../zone.ts'
import { analyze, type Filter, NO_FILTER } from './analysis.ts'
import { documentOf } from './document.ts'
import { openInputs } from './inputs.ts'
import { instantOf } from './instant.ts'
import { judgingOf } from './judging-flags.ts'
import { Progress } from './progress.ts'
import { readSettings } from './read-settings.ts'

const PRINT_JSON = new URL('../report/print-json.js', import.meta.url)
const REPORT = new URL('../report/report.js', import.meta.url)
const PAGE = new URL('../report/page.js', import.meta.url)

export async function runAnalyze(files: readonly string[], flags: AnalyzeFlags): Promise<number> {
  const zone = zoneNamed(flags.tz)
  const filter = filterOf(flags, zone)
  const judging = await judgingOf(flags)
  const reading = readSettings(flags, zone, judging.verdicts)
  const inputs = openInputs(files, Date.now())
  const progress = new Progress(inputs)
  // The second thread reads prefixes by the built-in words only.
  const canSplit = flags.threads > 1 && judging.verdicts === DEFAULT_VERDICTS
  const second = canSplit ? { zone: flags.tz, bootTime: reading.bootTime } : undefined
  const request = { inputs, reading, judging, filter, second }
  const { analysis, readers } = await analyze(request, (lines) => progress.tell(lines))
  progress.end()
  const document = documentOf(analysis, readers, flags.top)
  await printReport(document, flags, zone)
  return flags.failOnAlert === true && document.incidents.length > 0 ? EXIT.findings : EXIT.well
}

export async function printReport(
  document: ReportDocument,
  flags: Pick<AnalyzeFlags, 'json' | 'color' | 'top'>,
  zone: Zone,
): Promise<void> {
  if (flags.json === true) {
    const { jsonPieces } = await load<typeof import('../report/print-json.ts')>(PRINT_JSON)
    for (const piece of jsonPieces(document)) await writeAll(process.stdout, piece)
    return
  }
  const { renderReport } = await load<typeof import('../report/report.ts')>(REPORT)
  const { pageFor } = await load<typeof import('../report/page.ts')>(PAGE)
  process.stdout.write(renderReport(document, pageFor(flags, zone)))
  for (const { name, fault } of document.files) {
    if (fault !== undefined) process.stderr.write(`picket: ${safeText(name)}: ${fault}\n`)
  }
}

function filterOf(flags: AnalyzeFlags, zone: Zone): Filter {
  if (flags.from === undefined && flags.to === undefined && flags.source === undefined) return NO_FILTER
  return {
    from: flags.from === undefined ? NO_FILTER.from : instantOf(flags.from, '--from', zone),
    to: flags.to === undefined ? NO_FILTER.to : instantOf(flags.to, '--to', zone),
    source: flags.source === undefined ? undefined : networkOf(flags.source, '--source'),
  }
}

export function networkOf(text: string, flag: string): Prefix {
  const network = parsePrefix(text)
  if (network === undefined) {
    throw new WrongUse(
      `${flag} ${text}: neither an address nor a network; write 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32`,
    )
  }
  return network
}
