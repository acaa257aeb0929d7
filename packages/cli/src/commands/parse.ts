/** `picket parse`: its options and help. The work is in ../parse. */
import type { Command } from 'commander'
import { addReadingOptions, type ReadingFlags } from './options.ts'

export interface ParseFlags extends ReadingFlags {
  readonly json?: boolean
  readonly color: boolean
}

const EXAMPLES = `
Examples:
  picket parse --json kern.log | jq 'select(.dpt == 22) | .src'
  picket parse --json kern.log | jq -r .unparsed | sort | uniq -c     why lines gave no packet
  tail -f /var/log/ufw.log | picket parse -`

export function addParse(program: Command): void {
  const command = program
    .command('parse')
    .description('print each line as a packet, or say why it is none')
    .argument('<file...>', 'log files, plain or gzip; "-" is standard input')
  addReadingOptions(command)
    .option('--json', 'one JSON object a line')
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], _: unknown, self: Command) => {
      const { runParse } = await import('../parse/command.ts')
      await runParse(files, self.optsWithGlobals<ParseFlags>())
    })
}
