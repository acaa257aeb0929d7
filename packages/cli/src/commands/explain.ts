/** `picket explain`: its options and help. The work is in ../explain. */
import type { Command } from 'commander'
import { addReadingOptions, addRuleOptions, type ReadingFlags, type RuleFlags } from './options.ts'

export interface ExplainFlags extends ReadingFlags, RuleFlags {
  readonly json?: boolean
  readonly color: boolean
}

const EXAMPLES = `
Examples:
  picket explain 203.0.113.9 /var/log/kern.log
  picket explain --policy psad 2001:db8:1:2::5 kern.log*
  picket explain --json 203.0.113.9 kern.log | jq .summary`

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .description('tell packet by packet why a source has its level, or none')
    .argument('<source>', 'an address; for IPv6 all of its /64 counts')
    .argument('<file...>', 'log files, plain or gzip; "-" is standard input')
  addRuleOptions(addReadingOptions(command))
    .option('--json', 'one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(async (source: string, files: string[], _: unknown, self: Command) => {
      const { runExplain } = await import('../explain/command.ts')
      await runExplain(source, files, self.optsWithGlobals<ExplainFlags>())
    })
}
