/** `picket status`: its options and help. The work is in ../status. */
import type { Command } from 'commander'
import type { PlaceFlags } from '../remote/place.ts'
import { addRemoteOptions, wholeNumber } from './options.ts'

export interface StatusFlags extends PlaceFlags {
  readonly json?: boolean
  readonly source?: string
  readonly config?: string
  readonly tz?: string
  readonly top: number
  readonly color: boolean
}

const EXAMPLES = `
Examples:
  sudo picket status
  sudo picket status --source 203.0.113.9
  sudo picket status --json | jq .incidents[].level`

export function addStatus(program: Command): void {
  addRemoteOptions(program.command('status'))
    .description('ask the running guard what it has seen')
    .option('--source <address>', 'only the incidents of this address')
    .option('--socket <path>', 'its control socket (default: what the configuration says)')
    .option('--config <file>', 'the configuration it was started with')
    .option('--tz <zone>', 'time zone to print times in (default: this machine’s)')
    .option('--top <n>', 'rows of each list, and incidents shown', wholeNumber, 10)
    .option('--json', 'one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(async (_: unknown, self: Command) => {
      const { runStatus } = await import('../status/command.ts')
      await runStatus(self.optsWithGlobals<StatusFlags>())
    })
}
