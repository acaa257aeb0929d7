/** `picket notify test`: its options and help. The work is in ../notify. */
import type { Command } from 'commander'

export interface NotifyTestFlags {
  readonly config?: string
  readonly json?: boolean
  readonly color: boolean
}

const EXAMPLES = `
Examples:
  picket notify test ops                          a sample to the channel "ops", and what it answered
  picket notify test --config picket.yaml pager --json

Exit status: 0 taken, 1 not (or not by all), 2 no such channel or a fault in the configuration.`

export function addNotify(program: Command): void {
  const notify = program.command('notify').description('try the channels that tell of incidents')
  notify.addHelpText('after', EXAMPLES)
  notify
    .command('test')
    .description('send a sample to a channel, and tell what the other side answered')
    .argument('<channel>', 'its name in the section channels of the configuration')
    .option('--config <file>', 'the configuration (default: $PICKET_CONFIG, /etc/picket/picket.yaml)')
    .option('--json', 'one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(async (channel: string, _: unknown, self: Command) => {
      const { runNotifyTest } = await import('../notify/command.ts')
      process.exitCode = await runNotifyTest(channel, self.optsWithGlobals<NotifyTestFlags>())
    })
}
