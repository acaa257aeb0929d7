/** `picket analyze`: its options and help. The work is in ../analyze. */
import type { Command } from 'commander'
import { load } from '../loading.ts'
import {
  addReadingOptions,
  addRuleOptions,
  type ReadingFlags,
  type RuleFlags,
  wholeNumber,
} from './options.ts'

export interface AnalyzeFlags extends ReadingFlags, RuleFlags {
  readonly json?: boolean
  readonly from?: string
  readonly to?: string
  readonly source?: string
  readonly top: number
  readonly threads: number
  readonly failOnAlert?: boolean
  readonly color: boolean
}

const EXAMPLES = `
Examples:
  picket analyze /var/log/kern.log*                      all rotations, gzip too, merged by time
  picket analyze --allow 192.0.2.0/24 ufw.log            the monitoring network is no scanner
  picket analyze --policy psad --json ufw.log | jq .incidents[].source
  picket analyze --from 2026-11-22 --source 203.0.113.9 kern.log
  ssh web1 sudo journalctl -k -o json | picket analyze -`

export function addAnalyze(program: Command): void {
  const command = program
    .command('analyze')
    .description('judge log files: who scanned, how badly, and why')
    .argument('<file...>', 'log files, plain or gzip; "-" is standard input')
  addRuleOptions(addReadingOptions(command))
    .option('--from <time>', 'leave out what is before, e.g. 2026-11-23 or 2026-11-23T15:00')
    .option('--to <time>', 'leave out what is from then on')
    .option('--source <net>', 'only packets of this address or network')
    .option('--top <n>', 'rows of each list, and incidents shown', wholeNumber, 10)
    .option('--threads <n>', 'read with so many threads', wholeNumber, 1)
    .option('--json', 'one JSON document')
    .option('--fail-on-alert', 'exit status 1 when there is an incident')
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], _: unknown, self: Command) => {
      const { compileLater } = await import('../analyze/compiling.ts')
      compileLater()
      const { runAnalyze } = await load<typeof import('../analyze/command.ts')>(
        new URL('../analyze/command.js', import.meta.url),
      )
      process.exitCode = await runAnalyze(files, self.optsWithGlobals<AnalyzeFlags>())
    })
}
