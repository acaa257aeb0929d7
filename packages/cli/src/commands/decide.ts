/** `picket decide`: its options and help. The work is in ../response. */
import type { Command } from 'commander'

export interface DecideFlags {
  readonly whatIf: string
  readonly since: string
  readonly config?: string
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  picket decide --what-if rules.yaml --since 7d
  picket decide --what-if rules.yaml --json | jq '.alerts[] | select(.ban)'

RULES is a YAML file with the sections decisions, bans and allow. Nobody is told and nobody is banned.`

export function addDecide(program: Command): void {
  program
    .command('decide')
    .description(
      'send the alerts of the last days through other rules: who would have been told, who banned?',
    )
    .requiredOption('--what-if <rules>', 'a file with other rules')
    .option('--since <duration>', 'how far back: 24h, 7d', '7d')
    .option('--config <file>', 'the configuration of the fleet, or of "picket run"')
    .option('--json', 'one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(async (_: unknown, self: Command) => {
      const { runDecide } = await import('../response/what-if.ts')
      await runDecide(self.optsWithGlobals<DecideFlags>())
    })
}
