/** `picket explain`: its options and help. The work is in ../explain. */
import type { Command } from 'commander'
import {
  addReadingOptions,
  addRemoteOptions,
  addRuleOptions,
  type ReadingFlags,
  type RuleFlags,
} from './options.ts'

export interface ExplainFlags extends ReadingFlags, RuleFlags {
  readonly config?: string
  readonly socket?: string
  readonly json?: boolean
  readonly color: boolean
}

const EXAMPLES = `
Examples:
  picket explain 203.0.113.9 /var/log/kern.log
  picket explain --policy psad 2001:db8:1:2::5 kern.log*
  sudo picket explain 203.0.113.9                 asks who decides: what was done, and why
  picket explain --json 203.0.113.9 kern.log | jq .summary`

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .description('tell packet by packet why a source has its level, or none')
    .argument('<source>', 'an address; for IPv6 all of its /64 counts')
    .argument(
      '[file...]',
      'log files, plain or gzip; "-" is standard input; without any the running guard or responder is asked',
    )
  addRemoteOptions(addRuleOptions(addReadingOptions(command)))
    .option('--json', 'one JSON document')
    .option(
      '--socket <path>',
      'the control socket of the guard or the responder (default: what the configuration says)',
    )
    .option('--config <file>', 'the configuration it was started with')
    .addHelpText('after', EXAMPLES)
    .action(async (source: string, files: string[], _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<ExplainFlags>()
      if (files.length === 0) {
        const { runExplainFleet } = await import('../response/explain-command.ts')
        return runExplainFleet(source, flags)
      }
      const { runExplain } = await import('../explain/command.ts')
      return runExplain(source, files, flags)
    })
}
